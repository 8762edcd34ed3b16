# Rscript lmm.R FILE: the workload 'lmm' of scripts/bench in R.
library(lme4)
d <- data.table::fread(commandArgs(TRUE)[1], data.table = FALSE)
print(summary(lmer(y ~ arm * visit + (visit | id), d)))
