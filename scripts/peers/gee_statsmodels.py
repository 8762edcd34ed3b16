# python3 gee_statsmodels.py FILE: the workload 'gee' of scripts/bench in statsmodels.
import sys
import pandas
import statsmodels.api as sm

data = pandas.read_csv(sys.argv[1])
model = sm.GEE(data.employed, sm.add_constant(data[["arm", "month"]]), groups=data.id,
               family=sm.families.Binomial(), cov_struct=sm.cov_struct.Exchangeable())
print(model.fit().summary())
