# python3 glm_statsmodels.py FILE RESPONSE FAMILY: the workloads 'lm', 'logistic' and 'poisson' of scripts/bench.
import sys
import pandas
import statsmodels.api as sm

data = pandas.read_csv(sys.argv[1])
x = sm.add_constant(data[[f"x{i}" for i in range(1, 21)]])
if sys.argv[3] == "gaussian":
    print(sm.OLS(data[sys.argv[2]], x).fit().summary())
else:
    family = {"binomial": sm.families.Binomial, "poisson": sm.families.Poisson}[sys.argv[3]]()
    print(sm.GLM(data[sys.argv[2]], x, family=family).fit().summary())
