# Rscript poisson.R FILE: the workload 'poisson' of scripts/bench in R.
d <- data.table::fread(commandArgs(TRUE)[1], data.table = FALSE)
print(summary(glm(reformulate(paste0('x', 1:20), 'c'), poisson, d)))
