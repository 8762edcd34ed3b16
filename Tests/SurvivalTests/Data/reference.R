# Writes reference.json: the numbers of R that the tests compare with, one object a case, one array a quantity.
# Run here: Rscript reference.R   (R 4.2.2, survival 3.5-3, cmprsk 2.2-11)
suppressPackageStartupMessages({ library(survival); library(jsonlite) })
read <- function(f) read.csv(f)
lung <- read("lung.csv"); heart <- read("heart.csv"); bladder <- read("bladder2.csv"); kidney <- read("kidney.csv")
colon <- read("colon_death.csv"); bmt <- read("bmt.csv")
tight <- coxph.control(eps = 1e-13, iter.max = 100, toler.chol = 1e-14)
out <- list()
put <- function(name, ...) out[[name]] <<- lapply(list(...), function(x) unname(as.numeric(x)))

# Kaplan-Meier: every scale of the limits, delayed entry, weights
lung$d <- lung$status - 1
for (type in c("log", "log-log", "plain", "arcsin", "logit")) {
  s <- survfit(Surv(time, d) ~ sex, lung, conf.type = type)
  q <- quantile(s, c(.25, .5, .75)); a <- summary(s, times = c(3, 180, 365, 2000), extend = TRUE)
  put(paste0("km-lung-", type), time = s$time, nrisk = s$n.risk, nevent = s$n.event, ncensor = s$n.censor, surv = s$surv,
      se = s$std.err * s$surv, low = s$lower, high = s$upper, cumhaz = s$cumhaz, chse = s$std.chaz, strata = s$strata,
      q = t(q$quantile), qlow = t(q$lower), qhigh = t(q$upper), atsurv = a$surv, atse = a$std.err, atlow = a$lower,
      athigh = a$upper, atrisk = a$n.risk)
}
s <- survfit(Surv(start, stop, event) ~ transplant, heart)
put("km-heart", time = s$time, nrisk = s$n.risk, surv = s$surv, se = s$std.err * s$surv, low = s$lower, high = s$upper,
    q = quantile(s, .5)$quantile, qlow = quantile(s, .5)$lower, qhigh = quantile(s, .5)$upper)

# Log-rank family
lr <- function(name, f, d, rho = 0) { s <- survdiff(f, d, rho = rho); tot <- function(x) if (is.matrix(x)) rowSums(x) else x
  put(name, obs = tot(s$obs), exp = tot(s$exp), chisq = s$chisq, var = s$var) }
lr("lr-lung", Surv(time, d) ~ sex, lung); lr("lr-lung-peto", Surv(time, d) ~ sex, lung, 1)
lr("lr-lung-ecog", Surv(time, d) ~ ph.ecog, lung[!is.na(lung$ph.ecog), ])
lr("lr-colon-strata", Surv(time, status) ~ rx + strata(sex), colon, .5)

# Cox
cox <- function(name, f, d, zph = "km", ties = "efron", ...) {
  a <- list(f, data = d, ties = ties, control = tight, x = TRUE, ...)
  fit <- suppressWarnings(do.call(coxph, a)); fit$call$formula <- f; fit$call$data <- d
  if (!is.null(fit$weights)) fit$call$weights <- fit$weights
  s <- summary(fit); h <- basehaz(fit, centered = FALSE); g <- if (is.null(h$strata)) rep(1, nrow(h)) else h$strata
  keep <- ave(h$hazard, g, FUN = function(x) diff(c(0, x))) > 1e-12
  z <- if (ties == "exact") NULL else cox.zph(fit, transform = zph)$table
  r <- function(type) if (ties == "exact") 0 else { v <- residuals(fit, type); as.numeric(if (is.matrix(v)) v[, !is.na(coef(fit))] else v) }
  thin <- function(x) x[seq(1, length(x), by = 11)]                          # every eleventh residual is evidence enough
  put(name, coef = coef(fit), var = vcov(fit)[!is.na(coef(fit)), !is.na(coef(fit))], ll = fit$loglik, score = s$sctest[1],
      wald = fit$wald.test, con = s$concordance, zph = z[, 1], zdf = z[, 2], basetime = h$time[keep], base = h$hazard[keep],
      basecentred = basehaz(fit)$hazard[keep], mart = thin(residuals(fit, "martingale")),
      dev = thin(residuals(fit, "deviance")), scoreres = thin(r("score")), schoen = thin(r("schoenfeld")), dfbeta = thin(r("dfbeta")))
}
l <- lung[complete.cases(lung[c("age", "sex", "ph.ecog", "wt.loss", "inst")]), ]
cox("cox-lung-efron", Surv(time, d) ~ age + sex + ph.ecog + wt.loss, l)
cox("cox-lung-breslow", Surv(time, d) ~ age + sex + ph.ecog + wt.loss, l, ties = "breslow", zph = "rank")
cox("cox-lung-strata", Surv(time, d) ~ age + sex + strata(inst), l, zph = "log")
cox("cox-lung-exact", Surv(time, d) ~ age + sex, l, ties = "exact")
cox("cox-lung-aliased", Surv(time, d) ~ age + sex + I(age + 2 * sex) + wt.loss, l)
cox("cox-lung-weights", Surv(time, d) ~ age + sex, l, weights = 1 + (seq_len(nrow(l)) %% 3) / 2, robust = FALSE)
cox("cox-lung-weights-breslow", Surv(time, d) ~ age + sex, l, weights = 1 + (seq_len(nrow(l)) %% 3) / 2, robust = TRUE, ties = "breslow")
cox("cox-lung-robust", Surv(time, d) ~ age + sex, l, robust = TRUE)
cox("cox-lung-offset", Surv(time, d) ~ sex + offset(age / 50), l)
cox("cox-heart", Surv(start, stop, event) ~ age + surgery + transplant, heart, zph = "identity")
e <- coxph(Surv(start, stop, event) ~ age + surgery + transplant, heart, ties = "exact", control = tight)   # no class in 3.5-3
put("cox-heart-exact", coef = e$coefficients, var = e$var, ll = e$loglik, score = e$score)
cox("cox-bladder-cluster", Surv(start, stop, event) ~ rx + number + size + cluster(id), bladder)
cox("cox-bladder-strata", Surv(start, stop, event) ~ rx + number + size + strata(enum) + cluster(id), bladder, ties = "breslow")
cox("cox-bmt-ties", Surv(ceiling(t2 / 30), d3) ~ factor(group) + z1 + z10, bmt)
cox("cox-bmt-ties-exact", Surv(ceiling(t2 / 30), d3) ~ z1 + z10, bmt, ties = "exact")

# Accelerated failure time
for (dist in c("weibull", "exponential", "lognormal", "loglogistic", "gaussian", "logistic")) {
  f <- survreg(Surv(time, d) ~ age + sex + ph.ecog, l, dist = dist, control = survreg.control(rel.tolerance = 1e-14, toler.chol = 1e-12, maxiter = 200))
  put(paste0("aft-", dist), coef = f$coefficients, var = f$var, scale = f$scale, ll = f$loglik,
      q = predict(f, data.frame(age = 60, sex = 2, ph.ecog = 1), type = "quantile", p = c(.1, .5)))
}
w <- 1 + (seq_len(nrow(l)) %% 3) / 2
f <- survreg(Surv(time, d) ~ age + sex, l, weights = w, dist = "weibull", robust = TRUE, control = survreg.control(rel.tolerance = 1e-14, toler.chol = 1e-12, maxiter = 200))
# survreg itself leaves the weights out of its sandwich when there is no cluster
put("aft-robust", coef = f$coefficients, var = crossprod(residuals(f, "dfbeta", weighted = TRUE)), scale = f$scale, ll = f$loglik)

# Restricted mean
r <- summary(survfit(Surv(time, d) ~ sex, lung), rmean = 500)$table
put("rmst-lung", rmst = r[, "rmean"], se = r[, "se(rmean)"])

# Competing risks
suppressPackageStartupMessages(library(cmprsk))
cr <- function(name, rho = 0, strata) {
  z <- if (missing(strata)) cuminc(bmt$t2, bmt$cr, bmt$group, rho = rho) else cuminc(bmt$t2, bmt$cr, bmt$group, strata = strata, rho = rho)
  t <- timepoints(z[-length(z)], c(50, 200, 500, 1000, 2204))
  put(name, est = t$est, var = t$var, stat = z$Tests[, "stat"])
}
cr("cuminc-bmt"); cr("cuminc-bmt-rho", rho = 1); cr("cuminc-bmt-strata", rho = 0.5, strata = bmt$z10)
bmt$m <- ceiling(bmt$t2 / 60)
z <- cuminc(bmt$m, bmt$cr, bmt$group); t <- timepoints(z[-length(z)], c(1, 4, 12, 30)); put("cuminc-bmt-ties", est = t$est, var = t$var, stat = z$Tests[, "stat"])
fg <- function(name, time, cause) {
  X <- cbind(bmt$group == 2, bmt$group == 3, bmt$z1, bmt$z8)
  f <- crr(time, bmt$cr, X, failcode = cause, gtol = 1e-11, maxiter = 100)
  put(name, coef = f$coef, var = f$var, inv = f$invinf, ll = c(f$loglik.null, f$loglik))
}
fg("finegray-1", bmt$t2, 1); fg("finegray-2", bmt$t2, 2); fg("finegray-ties", bmt$m, 1)

# Frailty: many groups (survival's sparse information) and few (complete information)
frail <- function(name, f) { fit <- coxph(f, kidney, control = coxph.control(eps = 1e-13, iter.max = 300, outer.max = 300, toler.chol = 1e-14)); k <- length(coef(fit)[!grepl("gamma:|gauss:", names(coef(fit)))])
  put(name, coef = coef(fit)[1:k], se = sqrt(diag(fit$var))[1:k], theta = fit$history[[1]]$theta, c = if (is.null(fit$history[[1]]$c.loglik)) 0 else fit$history[[1]]$c.loglik) }
frail("frailty-gamma", Surv(time, status) ~ age + sex + frailty(id, distribution = "gamma", eps = 1e-11))
frail("frailty-gaussian", Surv(time, status) ~ age + sex + frailty(id, distribution = "gaussian", eps = 1e-9))
frail("frailty-gamma-few", Surv(time, status) ~ age + sex + frailty(disease, distribution = "gamma", eps = 1e-11))
frail("frailty-gaussian-few", Surv(time, status) ~ age + sex + frailty(disease, distribution = "gaussian", eps = 1e-9))
write_json(out, "reference.json", digits = NA, na = "null", pretty = FALSE)
