# Rscript glmmTMB.R FILE: the workload 'glmm' of scripts/bench in R.
library(glmmTMB)
d <- data.table::fread(commandArgs(TRUE)[1], data.table = FALSE)
print(summary(glmmTMB(employed ~ arm + month + (1 | id), d, binomial)))
