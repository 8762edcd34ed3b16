# Rscript lme.R FILE: the workload 'lmm-small' of scripts/bench in R.
library(nlme)
d <- data.table::fread(commandArgs(TRUE)[1], data.table = FALSE)
print(summary(lme(y ~ arm * visit, d, ~ visit | id)))
