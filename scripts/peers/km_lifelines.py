# python3 km_lifelines.py FILE: the workloads 'km' and 'kmcont' of scripts/bench in lifelines.
import sys
import pandas
from lifelines import KaplanMeierFitter

data = pandas.read_csv(sys.argv[1], dtype={"arm": "category"})
for arm, part in data.groupby("arm", observed=True):
    fit = KaplanMeierFitter().fit(part.time, part.status)
    print(arm, fit.median_survival_time_, len(fit.survival_function_), fit.confidence_interval_.iloc[-1].tolist())
