# Rscript glmm.R FILE: the workload 'glmm' of scripts/bench in R.
library(lme4)
d <- data.table::fread(commandArgs(TRUE)[1], data.table = FALSE)
print(summary(glmer(employed ~ arm + month + (1 | id), d, binomial)))
