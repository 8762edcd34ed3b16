# Rscript glmm.R FILE [POINTS]: the workload 'glmm' of scripts/bench in R, by quadrature where points are given.
library(lme4)
arguments <- commandArgs(TRUE)
points <- if (length(arguments) > 1) as.integer(arguments[2]) else 1L
d <- data.table::fread(arguments[1], data.table = FALSE)
print(summary(glmer(employed ~ arm + month + (1 | id), d, binomial, nAGQ = points)))
