# Rscript startstop.R FILE: the workload 'startstop' of scripts/bench in R.
library(survival)
d <- data.table::fread(commandArgs(TRUE)[1], data.table = FALSE)
print(summary(coxph(as.formula(paste("Surv(start, stop, event) ~", paste0("x", 1:8, collapse = "+"))), d)))
