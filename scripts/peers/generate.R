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
} else if (kind == "survival" || kind == "untied") {
  # Whole days up to 548, or times with decimals of which hardly two are equal.
  day <- if (kind == "survival") ceiling else function(t) round(t, 6)
  x <- covariates(n, 10); eta <- drop(as.matrix(x) %*% (0.2 * cos(seq_len(10))))
  t <- day(rexp(n, exp(eta) / 600)); cens <- pmin(day(runif(n, 100, 1200)), 548)
  write(cbind(x, time = pmin(t, cens), status = as.integer(t <= cens)))
} else if (kind == "intervals") {
  # Persons in up to twelve intervals of 91 days each, with two covariates that change between them.
  id <- rep(seq_len(n), each = 12); k <- rep(0:11, n); x <- covariates(n, 6)[id, ]
  x7 <- round(rnorm(length(id)), 4); x8 <- rbinom(length(id), 1, 0.3)
  eta <- drop(as.matrix(x) %*% (0.2 * cos(1:6))) + 0.2 * x7 - 0.3 * x8
  t <- ceiling(rexp(length(id), exp(eta) / 900)); end <- rep(pmin(ceiling(runif(n, 60, 1092))), each = 12)
  start <- 91 * k; stop <- pmin(91 * (k + 1), end); event <- start + t <= stop; stop <- pmin(stop, start + t)
  before <- ave(event, id, FUN = function(e) cumsum(e) - e)
  write(data.frame(id, start, stop, event = as.integer(event), x, x7, x8)[start < end & before == 0, ])
} else if (kind == "curve" || kind == "untiedcurve") {
  arm <- rbinom(n, 1, 0.5); t <- rexp(n, (1 + 0.3 * arm) / 600); t <- if (kind == "curve") ceiling(t) else round(t, 6)
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
} else if (kind == "ratings") {
  # Students' ratings of lecturers, 2 972 x 1 128 crossed (R package lme4).
  data("InstEval", package = "lme4"); write(head(InstEval, n))
} else if (kind == "trial") {
  # Participants with four visits each: a logistic, a Cox and a mixed model have something to estimate.
  id <- rep(seq_len(n), each = 4); visit <- rep(1:4, n); arm <- rep(rbinom(n, 1, 0.5), each = 4)
  age <- rep(round(runif(n, 18, 60)), each = 4); x <- rep(round(rnorm(n), 3), each = 4)
  eta <- 0.5 * arm - 0.02 * (age - 40) + 0.3 * x; first <- visit == 1
  t <- rep(ceiling(rexp(n, exp(eta[first]) / 300)), each = 4)
  y <- round(30 + arm + 0.5 * visit + rep(rnorm(n, 0, 3), each = 4) + rnorm(length(id), 0, 2), 2)
  write(data.frame(id, visit, arm = c("control", "IPS")[arm + 1], age, x, employed = rep(rbinom(n, 1, plogis(eta[first])), each = 4),
                   days = pmin(t, 548), job = as.integer(t <= 548), y))
} else if (kind == "wide") {
  # Thirty columns of an export: identifiers, dates, texts, counts and measurements.
  columns <- lapply(1:29, function(j) switch(j %% 6 + 1, sample(c("Oslo", "Bergen", "Troms\u00f8"), n, TRUE),
    as.Date("2018-01-01") + sample(2000, n, TRUE), sample(1e5, n, TRUE), rbinom(n, 1, 0.4), round(rnorm(n, 0, 100), 6), round(rnorm(n), 4)))
  names(columns) <- paste0("v", 1:29)
  write(data.frame(id = seq_len(n), columns))
} else if (kind == "spells") {
  inclusion <- as.Date("2020-03-01") + sample(730, n, TRUE)
  write(data.frame(id = seq_len(n), inclusion_date = inclusion))
  who <- rep(seq_len(n), ifelse(runif(n) < 0.6, rpois(n, 3), 0)); m <- length(who)
  start <- inclusion[who] + sample(-200:900, m, TRUE); end <- start + rgeom(m, 1 / 120); end[runif(m) < 0.1] <- NA
  data.table::fwrite(data.frame(id = who, establishment = sample(899999L, m, TRUE) + 100000L, start, end,
    position_pct = sample(c(20, 40, 50, 60, 80, 100), m, TRUE), full_time_hours = sample(c(37.5, 35.5, 40), m, TRUE), type = "ordinary"),
    paste0(file, ".spells"))
} else stop("unknown kind ", kind)
