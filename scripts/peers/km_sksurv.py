# python3 km_sksurv.py FILE: the workloads 'km' and 'kmcont' of scripts/bench in scikit-survival.
import sys
import pandas
from sksurv.nonparametric import kaplan_meier_estimator

data = pandas.read_csv(sys.argv[1], dtype={"arm": "category"})
for arm, part in data.groupby("arm", observed=True):
    time, survival, limits = kaplan_meier_estimator(part.status == 1, part.time, conf_type="log-log")
    print(arm, len(time), survival[-1], limits[:, -1])
