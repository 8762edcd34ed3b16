# python3 cox_sksurv.py FILE: the workload 'cox' of scripts/bench in scikit-survival (coefficients only).
import sys
import numpy
import pandas
from sksurv.linear_model import CoxPHSurvivalAnalysis

data = pandas.read_csv(sys.argv[1])
y = numpy.array(list(zip(data.status == 1, data.time)), dtype=[("event", bool), ("time", float)])
print(CoxPHSurvivalAnalysis(ties="efron").fit(data.drop(columns=["time", "status"]).to_numpy(float), y).coef_)
