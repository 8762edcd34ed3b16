# Rscript logistic.R FILE: the workload 'logistic' of scripts/bench in R.
d <- data.table::fread(commandArgs(TRUE)[1], data.table = FALSE)
print(summary(glm(reformulate(paste0('x', 1:20), 'b'), binomial, d)))
