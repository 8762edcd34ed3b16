# Rscript bootstrap.R FILE DRAWS: the workload 'bootstrap' of scripts/bench in R: a logistic, a Cox and a linear mixed
# model refitted to samples of participants, on two processes.
suppressPackageStartupMessages({library(boot); library(survival); library(lme4)})
arguments <- commandArgs(TRUE)
d <- data.table::fread(arguments[1], data.table = FALSE); draws <- as.integer(arguments[2])
first <- d[d$visit == 1, ]; rows <- split(seq_len(nrow(d)), d$id)
resampled <- function(i) {
  chosen <- rows[i]; out <- d[unlist(chosen), ]
  out$id <- rep(seq_along(chosen), lengths(chosen)); out
}
set.seed(1); RNGkind("L'Ecuyer-CMRG")
run <- function(statistic) boot(first, statistic, R = draws, parallel = "multicore", ncpus = 2)
print(run(function(p, i) coef(glm(employed ~ arm + age + x, binomial, p[i, ]))))
print(run(function(p, i) coef(coxph(Surv(days, job) ~ arm + age + x, p[i, ]))))
print(run(function(p, i) fixef(lmer(y ~ arm + visit + (1 | id), resampled(i)))))
