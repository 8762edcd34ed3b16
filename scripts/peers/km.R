# Rscript km.R FILE: the workload 'km' of scripts/bench in R.
library(survival)
d <- data.table::fread(commandArgs(TRUE)[1], data.table = FALSE)
print(summary(survfit(Surv(time, status) ~ arm, d), times = c(180, 365)))
