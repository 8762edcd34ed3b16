# python3 cox_lifelines.py FILE: the workload 'cox' of scripts/bench in lifelines.
import sys
import pandas
from lifelines import CoxPHFitter

data = pandas.read_csv(sys.argv[1])
CoxPHFitter().fit(data, "time", "status").print_summary()
