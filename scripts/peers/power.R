# Rscript power.R FILE TRIALS: the workload 'power' of scripts/bench in R: trials of 202 people drawn one by one, in each an
# adjusted logistic and Cox model and a linear mixed model with Satterthwaite's degrees of freedom, on two processes. Spells, pay and the outcomes made from them, which hekta draws and derives, are left out here.
suppressPackageStartupMessages({library(survival); library(lmerTest); library(parallel)})
trials <- as.integer(commandArgs(TRUE)[2])
set.seed(1); RNGkind("L'Ecuyer-CMRG")
trial <- function(i) {
  n <- 202
  p <- data.frame(
    id = factor(seq_len(n)), arm = sample(rep(0:1, length.out = n)), age = round(rnorm(n, 38, 9)), sex = rbinom(n, 1, 0.3),
    agonist = rbinom(n, 1, 0.4), education = rbinom(n, 1, 0.5), years = rpois(n, 6))
  employed <- rbinom(n, 1, plogis(-0.65 + 0.22 * p$arm + 0.02 * p$years))
  p$employed <- employed; p$days <- ifelse(employed == 1, pmin(round(rexp(n, 1 / 200)) + 1, 547), 547)
  long <- p[rep(seq_len(n), each = 3), ]; long$visit <- factor(rep(c(0, 6, 12), n))
  long$y <- 2.2 + rep(rnorm(n, sd = 0.4), each = 3) - 0.05 * long$arm * (long$visit == "12") + rnorm(3 * n, sd = 0.2)
  fits <- list(
    summary(glm(employed ~ arm + age + sex + agonist + education + years, binomial, p)),
    summary(coxph(Surv(days, employed) ~ arm + age + sex + agonist + education + years, p)),
    summary(lmer(y ~ arm * visit + (1 | id), long)))
  vapply(fits, function(s) { k <- coef(s); k["arm", ncol(k)] < 0.05 }, NA)
}
print(rowMeans(simplify2array(mclapply(seq_len(trials), trial, mc.cores = 2))))
