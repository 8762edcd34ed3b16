# Rscript cox.R FILE: the workload 'cox' of scripts/bench in R.
library(survival)
d <- data.table::fread(commandArgs(TRUE)[1], data.table = FALSE)
print(summary(coxph(as.formula(paste("Surv(time, status) ~", paste0("x", 1:10, collapse = "+"))), d)))
