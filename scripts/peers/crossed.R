# Rscript crossed.R FILE: the workload 'crossed' of scripts/bench in R.
library(lme4)
d <- data.table::fread(commandArgs(TRUE)[1], data.table = FALSE)
print(summary(lmer(y ~ factor(service) + (1 | s) + (1 | d), d)))
