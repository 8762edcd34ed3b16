# Rscript lm.R FILE: the workload 'lm' of scripts/bench in R.
d <- data.table::fread(commandArgs(TRUE)[1], data.table = FALSE)
print(summary(lm(reformulate(paste0('x', 1:20), 'y'), d)))
