# Rscript gee.R FILE: the workload 'gee' of scripts/bench in R.
library(geepack)
d <- data.table::fread(commandArgs(TRUE)[1], data.table = FALSE)
print(summary(geeglm(employed ~ arm + month, binomial, d, id = id, corstr = "exchangeable")))
