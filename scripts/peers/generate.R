# Rscript generate.R KIND ROWS FILE: the data of a workload of scripts/bench, the same at every run.
arguments <- commandArgs(TRUE)
kind <- arguments[1]; n <- as.numeric(arguments[2]); file <- arguments[3]
set.seed(20260101)
write <- function(d) data.table::fwrite(d, file)
covariates <- function(n, p) {
  x <- lapply(seq_len(p), function(j) if (j %% 3 == 0) rbinom(n, 1, 0.4) else round(rnorm(n), 4))
  names(x) <- paste0("x", seq_len(p)); as.data.frame(x)
}
if (kind == "regression") {
  x <- covariates(n, 20); eta <- as.matrix(x) %*% (0.3 * cos(seq_len(20)))
  write(cbind(x, y = round(drop(eta) + rnorm(n), 4), b = rbinom(n, 1, plogis(eta - 0.5)), c = rpois(n, exp(0.3 * eta))))
} else if (kind == "survival") {
  x <- covariates(n, 10); eta <- drop(as.matrix(x) %*% (0.2 * cos(seq_len(10))))
  t <- ceiling(rexp(n, exp(eta) / 600)); cens <- pmin(ceiling(runif(n, 100, 1200)), 548)
  write(cbind(x, time = pmin(t, cens), status = as.integer(t <= cens)))
} else if (kind == "curve") {
  arm <- rbinom(n, 1, 0.5); t <- ceiling(rexp(n, (1 + 0.3 * arm) / 600))
  write(data.frame(time = pmin(t, 548), status = as.integer(t <= 548), arm = c("control", "IPS")[arm + 1]))
} else if (kind == "long" || kind == "visits") {
  visits <- if (kind == "long") c(0, 1, 2, 3, 4, 5) else 1:6
  id <- rep(seq_len(n), each = length(visits)); visit <- rep(visits, n); arm <- rep(rbinom(n, 1, 0.5), each = length(visits))
  last <- rep(sample(seq_along(visits), n, TRUE, c(1, 1, 1, 1, 1, 8)), each = length(visits))
  y <- 30 - visit + arm * 0.4 * visit + rep(rnorm(n, 0, 5), each = length(visits)) + rep(rnorm(n, 0, 1), each = length(visits)) * visit + rnorm(length(id), 0, 4)
  keep <- rep(seq_along(visits), n) <= last
  write(data.frame(id, visit, arm = c("control", "IPS")[arm + 1], y = round(y, 3))[keep, ])
} else if (kind == "monthly") {
  id <- rep(seq_len(n), each = 18); month <- rep(1:18, n); arm <- rep(rbinom(n, 1, 0.5), each = 18)
  eta <- -3 + 0.4 * arm + 0.08 * month + rep(rnorm(n, 0, 2), each = 18)
  write(data.frame(id, month, arm, employed = rbinom(length(id), 1, plogis(eta))))
} else stop("unknown kind ", kind)
