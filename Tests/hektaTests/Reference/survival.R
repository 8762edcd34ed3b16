# The cases of survival-cases.json: options of the event-time models beside those of cases.json.
# Run in this folder: Rscript survival.R. R 4.2.2 with survival 3.5-3, car, emmeans, geepack, mvtnorm, numDeriv, jsonlite.
suppressPackageStartupMessages({ library(survival); library(jsonlite) })
cases <- list()
read <- function(f) read.csv(file.path("data", f))
num <- function(path, value, rtol = 1e-6, atol = 1e-9) { atol <- rep_len(atol, length(path)); lapply(seq_along(path), function(i) list(path = path[i], value = value[[i]], rtol = rtol, atol = atol[[i]])) }
txt <- function(path, value) list(list(path = path, value = value))
case <- function(id, args, ..., source) cases[[length(cases) + 1]] <<- list(id = id, model = args[2], args = as.list(args), expect = do.call(c, list(...)), source = source)
tight <- coxph.control(eps = 1e-13, iter.max = 100, toler.chol = 1e-14)
coefs <- function(terms, b, se, rtol = 1e-6) c(num(sprintf("coefficients[term=\"%s\"].estimate", terms), b, rtol, 1e-6 * se), num(sprintf("coefficients[term=\"%s\"].std.error", terms), se, rtol))
lung <- read("lung.csv"); bladder <- read("bladder2.csv"); heart <- read("heart.csv"); kidney <- read("kidney.csv"); colon <- read("colon_death.csv"); mgus <- read("mgus2.csv")
S <- "Surv(time, status) ~ "

# ---- Cox: tests of terms, marginal means, predictions
d <- na.omit(lung[, c("time", "status", "age", "sex", "ph.ecog")])
m <- coxph(Surv(time, status) ~ age * factor(sex) + ph.ecog, d, control = tight)
for (type in 2:3) {
  # Type 3 by the contrasts that sum to zero.
  a <- if (type == 2) car::Anova(m, type = 2) else NULL
  terms <- c("age", "factor(sex)", "ph.ecog", "age:factor(sex)")
  if (type == 2) { chi <- a[[1]][match(c("age", "factor(sex)", "ph.ecog", "age:factor(sex)"), rownames(a))]; df <- a[[2]][match(terms, rownames(a))] }
  else { s1 <- ifelse(d$sex == 1, 1, -1); X <- cbind(d$age, s1, d$ph.ecog, d$age * s1); chi <- sapply(list(1, 2, 3, 4), function(j) 2 * (m$loglik[2] - coxph(Surv(d$time, d$status) ~ X[, -j], control = tight)$loglik[2])); df <- rep(1, 4) }
  case(paste0("cox-anova-", type), c("fit", "cox", paste0(S, "age * factor(sex) + ph.ecog"), "--data", "lung.csv", "--anova", type),
       num(sprintf("anova[term=\"%s\"].statistic", terms), chi, 1e-6, 1e-8), num(sprintf("anova[term=\"%s\"].df", terms), df),
       source = "likelihood ratios of coxph fits (type 2: car::Anova; type 3: columns of contr.sum left out)")
}
mc <- coxph(Surv(time, status) ~ age + factor(sex) + ph.ecog, d, control = tight, robust = TRUE)
w <- sapply(seq_along(coef(mc)), function(j) coef(mc)[j]^2 / vcov(mc)[j, j])
case("cox-anova-robust-wald", c("fit", "cox", paste0(S, "age + factor(sex) + ph.ecog"), "--data", "lung.csv", "--anova", "2", "--robust"),
     num(sprintf("anova[term=\"%s\"].statistic", c("age", "factor(sex)", "ph.ecog")), w), source = "Wald statistics of coxph(robust = TRUE)")
e <- emmeans::emmeans(m, pairwise ~ sex, adjust = "none"); em <- as.data.frame(e$emmeans); ct <- as.data.frame(e$contrasts)
case("cox-emmeans", c("fit", "cox", paste0(S, "age * factor(sex) + ph.ecog"), "--data", "lung.csv", "--emmeans", "pairwise ~ sex"),
     num(sprintf("emmeans[%d].emmean", 0:1), em$emmean), num(sprintf("emmeans[%d].SE", 0:1), em$SE), num("contrasts[0].estimate", ct$estimate), num("contrasts[0].SE", ct$SE), num("contrasts[0].z.ratio", ct$z.ratio),
     source = "emmeans on coxph")
new <- data.frame(time = c(100, 500, 900, 50), status = c(1, 2, 1, 2), age = c(50, 62, 70, 81), sex = c(1, 2, 2, 1), ph.ecog = c(0, 1, 2, 1))
write.csv(new, "data/lung_new.csv", row.names = FALSE, quote = FALSE)
p <- predict(m, new, type = "lp", se.fit = TRUE)
case("cox-predict-lp", c("fit", "cox", paste0(S, "age * factor(sex) + ph.ecog"), "--data", "lung.csv", "--predict", "lung_new.csv", "--predict-type", "lp"),
     num(sprintf("predictions[%d].fit", 0:3), p$fit), num(sprintf("predictions[%d].se", 0:3), p$se.fit), source = "predict.coxph(type = \"lp\")")
case("cox-predict-risk", c("fit", "cox", paste0(S, "age * factor(sex) + ph.ecog"), "--data", "lung.csv", "--predict", "lung_new.csv"),
     num(sprintf("predictions[%d].fit", 0:3), predict(m, new, type = "risk")), num(sprintf("predictions[%d].conf.low", 0:3), exp(p$fit - qnorm(.975) * p$se.fit)), source = "predict.coxph(type = \"risk\"); limits by the linear predictor")
case("cox-predict-expected", c("fit", "cox", paste0(S, "age * factor(sex) + ph.ecog"), "--data", "lung.csv", "--predict", "lung_new.csv", "--predict-type", "expected"),
     num(sprintf("predictions[%d].fit", 0:3), predict(m, new, type = "expected")), source = "predict.coxph(type = \"expected\")")
ms <- coxph(Surv(time, status) ~ age + ph.ecog + strata(sex), d, control = tight); ps <- predict(ms, new, type = "lp", se.fit = TRUE)
case("cox-predict-strata", c("fit", "cox", paste0(S, "age + ph.ecog + strata(sex)"), "--data", "lung.csv", "--predict", "lung_new.csv", "--predict-type", "lp"),
     num(sprintf("predictions[%d].fit", 0:3), ps$fit), num(sprintf("predictions[%d].se", 0:3), ps$se.fit), source = "predict.coxph, reference \"strata\"")
times <- c(60, 180, 365, 800)
curves <- function(id, fit, formula, ct, more = character(), data = "lung.csv", newfile = "lung_new.csv", nd = new, byrow = NULL) {
  ex <- list(); for (i in seq_len(nrow(nd))) { s <- summary(survfit(fit, newdata = nd[i, , drop = FALSE], conf.type = ct), times = times, extend = TRUE)
    for (j in seq_along(times)) { q <- sprintf("survival[row=%d,time=%g].", i, times[j]); ex <- c(ex, num(paste0(q, c("surv", "std.err", "conf.low", "conf.high", "cumhaz")), c(s$surv[j], s$std.err[j], s$lower[j], s$upper[j], s$cumhaz[j]))) } }
  case(id, c("fit", "cox", formula, "--data", data, "--predict", newfile, "--times", paste(times, collapse = ","), "--conf-type", ct, more), ex, source = "summary(survfit(coxph, newdata), times, extend = TRUE)")
}
curves("cox-survival-efron", m, paste0(S, "age * factor(sex) + ph.ecog"), "log")
curves("cox-survival-breslow-loglog", coxph(Surv(time, status) ~ age * factor(sex) + ph.ecog, d, ties = "breslow", control = tight), paste0(S, "age * factor(sex) + ph.ecog"), "log-log", c("--ties", "breslow"))
curves("cox-survival-strata-plain", ms, paste0(S, "age + ph.ecog + strata(sex)"), "plain")
hd <- heart; hm <- coxph(Surv(start, stop, event) ~ age + surgery, hd, control = tight)
hnew <- data.frame(age = c(-20, 0, 5), surgery = c(0, 1, 0)); write.csv(hnew, "data/heart_new.csv", row.names = FALSE)
curves("cox-survival-start-stop", hm, "Surv(start, stop, event) ~ age + surgery", "log", data = "heart.csv", newfile = "heart_new.csv", nd = hnew)
lw <- subset(d, ph.ecog > 0); mw <- coxph(Surv(time, status) ~ age + sex, lw, weights = ph.ecog, control = tight)
curves("cox-survival-weights", mw, paste0(S, "age + sex"), "log", c("--weights", "ph.ecog", "--where", "ph.ecog > 0"))

# ---- Cox: residuals
mr <- coxph(Surv(time, status) ~ age + sex, lung, control = tight)
pick <- c(1, 5, 20, 100, 228)
r <- function(type) as.matrix(residuals(mr, type = type))
rows <- function(name, x) num(sprintf("residuals[%d].%s", pick - 1, name), x[pick], 1e-6, 1e-8)
case("cox-residuals", c("fit", "cox", paste0(S, "age + sex"), "--data", "lung.csv", "--residuals", "martingale", "--residuals", "deviance", "--residuals", "score", "--residuals", "dfbeta", "--residuals", "dfbetas"),
     rows("martingale", r("martingale")), rows("deviance", r("deviance")), rows("score age", r("score")[, 1]), rows("dfbeta sex", r("dfbeta")[, 2]), rows("dfbetas age", r("dfbetas")[, 1]), source = "residuals.coxph")
sch <- r("schoenfeld"); ssch <- r("scaledsch"); ev <- c(1, 10, 100, 165)
# Tied events stand in another order in R than in the file, so that times without ties are compared.
et <- as.numeric(rownames(sch)); keep <- which(!et %in% et[duplicated(et)])[c(1, 10, 60, 100)]
case("cox-schoenfeld", c("fit", "cox", paste0(S, "age + sex"), "--data", "lung.csv", "--residuals", "schoenfeld", "--residuals", "scaled-schoenfeld"),
     num(sprintf("schoenfeld[time=%g].schoenfeld age", et[keep]), sch[keep, 1]), num(sprintf("schoenfeld[time=%g].scaled-schoenfeld sex", et[keep]), ssch[keep, 2]), source = "residuals.coxph, schoenfeld and scaledsch")

# ---- Cox with Firth's penalty: the penalised likelihood written out, maximised and profiled
firth <- function(time, event, X, ties) {
  ll <- function(b) tryCatch(ll0(b), error = function(e) -1e4)
  ll0 <- function(b) { f <- coxph(Surv(time, event) ~ X, init = b, ties = ties, control = coxph.control(iter.max = 0)); f$loglik[1] + .5 * as.numeric(determinant(solve(f$var))$modulus) }
  info <- function(b) solve(coxph(Surv(time, event) ~ X, init = b, ties = ties, control = coxph.control(iter.max = 0))$var)
  b <- rep(0, ncol(X)); for (k in 1:60) { step <- drop(solve(info(b), numDeriv::grad(ll, b, method.args = list(r = 6)))); while (!isTRUE(tryCatch(ll(b + step) >= ll(b) - 1e-9, error = function(e) FALSE))) step <- step / 2; b <- b + step }
  top <- ll(b); se <- sqrt(diag(solve(info(b))))
  held <- function(j, v) { if (ncol(X) == 1) return(ll(v)); o <- optim(b[-j], function(z) { q <- b; q[j] <- v; q[-j] <- z; -ll(q) }, method = "BFGS", control = list(reltol = 1e-15)); -o$value }
  lim <- sapply(seq_along(b), function(j) sapply(c(-1, 1), function(s) { g <- function(v) 2 * (top - held(j, v)) - qchisq(.95, 1); uniroot(g, sort(b[j] + s * se[j] * c(.2, 6)), tol = 1e-9)$root }))
  p <- sapply(seq_along(b), function(j) pchisq(2 * (top - held(j, 0)), 1, lower.tail = FALSE))
  list(b = b, se = se, top = top, null = ll(rep(0, ncol(X))), lim = lim, p = p)
}
firthCase <- function(id, args, f, terms) case(id, args, coefs(terms, f$b, f$se, 2e-6), num(sprintf("coefficients[term=%s].conf.low", terms), f$lim[1, ], 1e-5), num(sprintf("coefficients[term=%s].conf.high", terms), f$lim[2, ], 1e-5),
  num(sprintf("coefficients[term=%s].p.value", terms), f$p, 1e-4), num("fit.logLik", f$top, 1e-8), num("fit.logLikNull", f$null, 1e-8), txt("status", "ok"), source = "the penalised partial likelihood on coxph(iter.max = 0), maximised with numDeriv")
suppressWarnings({
sep <- read("separated.csv")
firthCase("cox-firth-monotone", c("fit", "cox", "Surv(x, y) ~ late", "--data", "separated.csv", "--penalty", "firth"), firth(sep$x, sep$y, cbind(sep$late), "efron"), "late")
firthCase("cox-firth-kidney-breslow", c("fit", "cox", "Surv(time, status) ~ age + sex", "--data", "kidney.csv", "--penalty", "firth", "--ties", "breslow"), firth(kidney$time, kidney$status, cbind(kidney$age, kidney$sex), "breslow"), c("age", "sex"))
firthCase("cox-firth-kidney-efron", c("fit", "cox", "Surv(time, status) ~ age + sex", "--data", "kidney.csv", "--penalty", "firth"), firth(kidney$time, kidney$status, cbind(kidney$age, kidney$sex), "efron"), c("age", "sex"))
})

# ---- recurrent events
b <- bladder; ag <- coxph(Surv(start, stop, event) ~ rx + number + size, b, cluster = id, control = tight)
V <- function(m) sqrt(diag(vcov(m)))
case("cox-recurrent-ag", c("fit", "cox", "Surv(start, stop, event) ~ rx + number + size", "--data", "bladder2.csv", "--recurrent", "ag", "--id", "id"), coefs(names(coef(ag)), coef(ag), V(ag)), source = "coxph(cluster = id)")
pt <- coxph(Surv(start, stop, event) ~ rx + number + size + strata(enum), b, cluster = id, control = tight)
case("cox-recurrent-pwp-total", c("fit", "cox", "Surv(start, stop, event) ~ rx + number + size", "--data", "bladder2.csv", "--recurrent", "pwp-total", "--id", "id"), coefs(names(coef(pt)), coef(pt), V(pt)), source = "coxph with strata(enum), cluster = id")
b$gap <- b$stop - b$start; b$e3 <- pmin(b$enum, 3); pg <- coxph(Surv(gap, event) ~ rx + number + size + strata(e3), subset(b, gap > 0), cluster = id, control = tight)
case("cox-recurrent-pwp-gap", c("fit", "cox", "Surv(start, stop, event) ~ rx + number + size", "--data", "bladder2.csv", "--recurrent", "pwp-gap", "--id", "id", "--max-event", "3"), coefs(names(coef(pg)), coef(pg), V(pg)), source = "coxph on gap times with strata(pmin(enum, 3)), cluster = id")
mcf <- survfit(Surv(start, stop, event) ~ rx, b, id = id); at <- c(10, 30, 50); ex <- list()
for (k in 1:2) { s <- summary(mcf[k], times = at, extend = TRUE); se <- approx(mcf[k]$time, mcf[k]$std.chaz, at, method = "constant", f = 0)$y
  for (j in 1:3) ex <- c(ex, num(sprintf("strata[stratum=\"rx=%d\"].at[time=%g].%s", k, at[j], c("mcf", "std.err")), c(s$cumhaz[j], se[j]))) }
case("mcf-bladder", c("fit", "mcf", "Surv(start, stop, event) ~ rx", "--data", "bladder2.csv", "--id", "id", "--times", "10,30,50"), ex, source = "survfit(Surv(start, stop, event) ~ rx, id = id): cumhaz and std.chaz (robust)")

# ---- frailty of a few groups
for (dist in c("gamma", "gaussian")) {
  fr <- eval(parse(text = sprintf("coxph(Surv(time, status) ~ age + sex + frailty(ph.ecog, distribution = '%s', eps = %s), d, control = coxph.control(eps = 1e-13, iter.max = 200, outer.max = 200, toler.chol = 1e-14))", dist, if (dist == "gamma") "1e-9" else "1e-7")))
  case(paste0("cox-frailty-few-", dist), c("fit", "cox", paste0(S, "age + sex"), "--data", "lung.csv", "--frailty", paste0(dist, ":ph.ecog")), coefs(names(fr$coefficients), fr$coefficients, sqrt(diag(fr$var)), 1e-3), num("fit.frailtyVariance", fr$history[[1]]$theta, 2e-3), source = "coxph with frailty() of four groups")
}

# ---- episodes: covariates that change, fixed cuts, landmark
tr <- subset(survival::jasa, futime > 0 | fustat == 1); j <- survival::jasa; j$id <- seq_len(nrow(j)); j$futime <- pmax(.5, j$futime)
base <- data.frame(id = j$id, futime = j$futime, fustat = j$fustat, age = round(j$age, 4), surgery = j$surgery, transplant = 0)
chg <- subset(data.frame(id = j$id, time = ifelse(j$wait.time == 0, .1, j$wait.time), transplant = 1), !is.na(time)); chg <- chg[chg$id %in% base$id, ]
write.csv(base, "data/jasa.csv", row.names = FALSE); write.csv(chg, "data/jasa_changes.csv", row.names = FALSE)
td <- tmerge(base[, names(base) != "transplant"], base, id = id, death = event(futime, fustat)); td <- tmerge(td, chg, id = id, tx = tdc(time))
tm <- coxph(Surv(tstart, tstop, death) ~ age + surgery + tx, td, control = tight)
case("cox-changing-covariate", c("fit", "cox", "Surv(futime, fustat) ~ age + surgery + transplant", "--data", "jasa.csv", "--changes", "jasa_changes.csv", "--id", "id"), coefs(c("age", "surgery", "transplant"), coef(tm), V(tm)), num("n", nrow(td)), source = "coxph on survival::tmerge's episodes (Stanford heart transplants)")
sp <- survSplit(Surv(time, status) ~ ., subset(lung, select = c(time, status, age, sex)), cut = c(180, 400), episode = "tg", start = "t0"); sm <- coxph(Surv(t0, time, status) ~ age + sex:strata(tg), sp, control = tight)
case("cox-split-at", c("fit", "cox", paste0(S, "age + sex:strata(episode)"), "--data", "lung.csv", "--split-at", "180,400"), num(sprintf("coefficients[%d].estimate", 0:3), coef(sm), 1e-6), num(sprintf("coefficients[%d].std.error", 0:3), V(sm), 1e-6), source = "coxph on survSplit's episodes")
lm0 <- subset(lung, time > 150); lm0$t <- lm0$time - 150; lmm <- coxph(Surv(t, status) ~ age + sex, lm0, control = tight); lmk <- survfit(Surv(t, status) ~ sex, lm0); sl <- summary(lmk, times = 200); drop <- subset(lung, time <= 150)
case("cox-landmark", c("fit", "cox", paste0(S, "age + sex"), "--data", "lung.csv", "--landmark", "150"), coefs(c("age", "sex"), coef(lmm), V(lmm)), num("n", nrow(lm0)), num("landmark[0].eventBefore", sum(drop$status == 2)), num("landmark[0].censoredBefore", sum(drop$status == 1)), source = "coxph on those with time above the landmark")
case("km-landmark", c("fit", "km", paste0(S, "sex"), "--data", "lung.csv", "--landmark", "150", "--times", "200"), num(sprintf("strata[stratum=\"sex=%d\"].at[time=200].surv", 1:2), sl$surv), num(sprintf("landmark[group=\"sex=%d\"].eventBefore", 1:2), c(table(drop$sex[drop$status == 2]))), source = "survfit on those with time above the landmark")
sdl <- survdiff(Surv(t, status) ~ sex, lm0)
case("logrank-landmark", c("fit", "logrank", paste0(S, "sex"), "--data", "lung.csv", "--landmark", "150"), num("tests[0].statistic", sdl$chisq), source = "survdiff on those with time above the landmark")

# ---- Kaplan-Meier: weights, clusters, quantiles, differences
lw <- lung; lw$w <- lw$age / 50; write.csv(lw[, c("time", "status", "sex", "inst", "w")], "data/lung_weights.csv", row.names = FALSE)
km <- function(id, fit, args, source) { ex <- list(); for (k in 1:2) { s <- summary(fit[k], times = c(100, 365, 600)); for (j in 1:3) ex <- c(ex, num(sprintf("strata[stratum=\"sex=%d\"].at[time=%g].%s", k, s$time[j], c("surv", "std.err", "conf.low", "conf.high", "n.risk")), c(s$surv[j], s$std.err[j], s$lower[j], s$upper[j], s$n.risk[j]))) }
  case(id, c("fit", "km", paste0(S, "sex"), "--data", "lung_weights.csv", "--times", "100,365,600", args), ex, source = source) }
km("km-weights-fractional", survfit(Surv(time, status) ~ sex, lw, weights = w), c("--weights", "w"), "survfit(weights = ), robust since they are no counts")
km("km-cluster", survfit(Surv(time, status) ~ sex, subset(lw, !is.na(inst)), cluster = inst, conf.type = "log-log"), c("--cluster", "inst", "--conf-type", "log-log"), "survfit(cluster = inst)")
km("km-weights-cluster", survfit(Surv(time, status) ~ sex, subset(lw, !is.na(inst)), weights = w, cluster = inst), c("--weights", "w", "--cluster", "inst"), "survfit(weights = , cluster = inst)")
km("km-logit", survfit(Surv(time, status) ~ sex, lw, conf.type = "logit"), c("--conf-type", "logit"), "survfit(conf.type = \"logit\")")
f <- survfit(Surv(time, status) ~ sex, lung); q <- quantile(f, c(.25, .5, .75)); s <- summary(f, times = 365); dif <- s$surv[2] - s$surv[1]; sed <- sqrt(sum(s$std.err^2))
case("km-quantiles-difference", c("fit", "km", paste0(S, "sex"), "--data", "lung.csv", "--quantiles", "0.25,0.75", "--times", "365"),
     num(sprintf("strata[stratum=\"sex=%d\"].quantiles[p=0.25].time", 1:2), q$quantile[, 1]), num(sprintf("strata[stratum=\"sex=%d\"].quantiles[p=0.75].conf.low", 1:2), q$lower[, 3]),
     num(paste0("differences[0].", c("estimate", "std.error", "conf.low", "conf.high")), c(dif, sed, dif - qnorm(.975) * sed, dif + qnorm(.975) * sed)), source = "quantile.survfit; difference of summary.survfit")
fs <- survfit(Surv(time, status) ~ strata(sex) + ph.ecog, lung)
case("km-strata-label", c("fit", "km", paste0(S, "strata(sex) + ph.ecog"), "--data", "lung.csv"), num("strata[stratum=\"strata(sex)=sex=2, ph.ecog=1\"].n", fs$n[6]), source = "survfit")

# ---- log-rank family, by its definition (Klein & Moeschberger, section 7.3)
tables <- function(time, ev, g, st) { out <- NULL; for (s in unique(st)) for (t in sort(unique(time[ev & st == s]))) { i <- st == s & time >= t; Y <- sum(i); Y1 <- tapply(i, g, sum); d <- sum(time == t & ev & st == s); d1 <- tapply(time == t & ev & st == s, g, sum); out <- rbind(out, data.frame(s = s, Y = Y, d = d, t(setNames(c(Y1), paste0("Y", seq_along(Y1)))), t(setNames(c(d1), paste0("d", seq_along(d1)))))) }; out }
weights <- function(tb, kind) unlist(lapply(split(tb, factor(tb$s, unique(tb$s))), function(x) { S <- cumprod(1 - x$d / x$Y); Sm <- c(1, head(S, -1)); P <- cumprod(1 - x$d / (x$Y + 1))
  if (is.numeric(kind)) Sm^kind[1] * (1 - Sm)^kind[2] else switch(kind, gehan = x$Y, `tarone-ware` = sqrt(x$Y), peto = P, `modified-peto` = P * x$Y / (x$Y + 1), logrank = rep(1, nrow(x))) }))
family <- function(tb, k, w) { Y <- as.matrix(tb[, paste0("Y", 1:k)]); D <- as.matrix(tb[, paste0("d", 1:k)]); U <- colSums(w * (D - tb$d * Y / tb$Y)); V <- matrix(0, k, k)
  for (i in seq_len(nrow(tb))) if (tb$Y[i] > 1) { p <- Y[i, ] / tb$Y[i]; V <- V + w[i]^2 * tb$d[i] * (tb$Y[i] - tb$d[i]) / (tb$Y[i] - 1) * (diag(p) - p %o% p) }; list(U = U, V = V) }
lr <- subset(lung, !is.na(ph.ecog) & ph.ecog < 3); tb <- tables(lr$time, lr$status == 2, lr$ph.ecog, lr$sex)
for (kind in c("logrank", "gehan", "tarone-ware", "peto", "modified-peto")) { x <- family(tb, 3, weights(tb, kind)); chi <- drop(x$U[1:2] %*% solve(x$V[1:2, 1:2], x$U[1:2])); a <- 1:3; tr <- sum(a * x$U)^2 / drop(a %*% x$V %*% a)
  case(paste0("logrank-kind-", kind), c("fit", "logrank", paste0(S, "ph.ecog + strata(sex)"), "--data", "lung.csv", "--where", "ph.ecog < 3", "--kind", kind), num("tests[0].statistic", chi), num("tests[0].df", 2), num("tests[0].p.value", pchisq(chi, 2, lower.tail = FALSE)), source = "the definition, Klein & Moeschberger 7.3")
  case(paste0("logrank-trend-", kind), c("fit", "logrank", paste0(S, "ph.ecog + strata(sex)"), "--data", "lung.csv", "--where", "ph.ecog < 3", "--kind", kind, "--trend"), num("tests[0].statistic", tr), num("tests[0].df", 1), source = "the definition, Klein & Moeschberger 7.4") }
a <- c(0, 1, 4); x <- family(tb, 3, rep(1, nrow(tb))); case("logrank-trend-scores", c("fit", "logrank", paste0(S, "ph.ecog + strata(sex)"), "--data", "lung.csv", "--where", "ph.ecog < 3", "--scores", "0,1,4"), num("tests[0].statistic", sum(a * x$U)^2 / drop(a %*% x$V %*% a)), source = "the definition, Klein & Moeschberger 7.4")
x <- family(tb, 3, weights(tb, c(.5, 2))); case("logrank-fh", c("fit", "logrank", paste0(S, "ph.ecog + strata(sex)"), "--data", "lung.csv", "--where", "ph.ecog < 3", "--fh", "0.5,2"), num("tests[0].statistic", drop(x$U[1:2] %*% solve(x$V[1:2, 1:2], x$U[1:2]))), source = "the definition, Fleming & Harrington's weights")
combo <- function(id, tb, fh, args, alt = "two.sided") { W <- sapply(fh, function(e) weights(tb, e)); Z <- NULL; C <- matrix(0, length(fh), length(fh)); v <- with(tb, ifelse(Y > 1, d * (Y1 / Y) * (Y2 / Y) * (Y - d) / (Y - 1), 0)); u <- with(tb, d2 - d * Y2 / Y)
  C <- t(W) %*% (v * W); Z <- colSums(W * u) / sqrt(diag(C)); R <- cov2cor(C); set.seed(1); k <- length(fh)
  # Random-number integration to 1e-6 or so; linearly dependent statistics are why GenzBretz serves and Miwa does not.
  prob <- function(lo, hi) mvtnorm::pmvnorm(lo, hi, corr = R, algorithm = mvtnorm::GenzBretz(maxpts = 5e6, abseps = 1e-7))[1]
  p <- switch(alt, two.sided = { z <- max(abs(Z)); 1 - prob(rep(-z, k), rep(z, k)) }, less = { z <- max(-Z); 1 - prob(rep(-Inf, k), rep(z, k)) })
  case(id, c("fit", "logrank", args), num(sprintf("components[%d].statistic", seq_along(Z) - 1), Z), num("tests[0].p.value", p, 1e-3, 3e-6), num("correlation[0][1]", R[1, 2]), source = "the definition; mvtnorm::pmvnorm") }
fh <- list(c(0, 0), c(1, 0), c(0, 1), c(1, 1)); tb2 <- tables(lung$time, lung$status == 2, lung$sex, rep(1, nrow(lung)))
combo("logrank-maxcombo", tb2, fh, c(paste0(S, "sex"), "--data", "lung.csv", "--kind", "maxcombo"))
combo("logrank-maxcombo-less", tb2, fh, c(paste0(S, "sex"), "--data", "lung.csv", "--kind", "maxcombo", "--alternative", "less"), "less")
lr2 <- subset(lung, !is.na(ph.ecog) & ph.ecog < 3); tb3 <- tables(lr2$time, lr2$status == 2, lr2$sex, lr2$ph.ecog)
combo("logrank-maxcombo-strata-three", tb3, fh[1:3], c(paste0(S, "sex + strata(ph.ecog)"), "--data", "lung.csv", "--where", "ph.ecog < 3", "--kind", "maxcombo", "--fh", "0,0", "--fh", "1,0", "--fh", "0,1"))
combo("logrank-maxcombo-pair", tb2, fh[c(1, 3)], c(paste0(S, "sex"), "--data", "lung.csv", "--kind", "maxcombo", "--fh", "0,0", "--fh", "0,1"))
mg <- subset(mgus, age > 70); tb4 <- tables(mg$futime, mg$death == 1, mg$sex, rep(1, nrow(mg)))
combo("logrank-maxcombo-mgus", tb4, fh, c("Surv(futime, death) ~ sex", "--data", "mgus2.csv", "--where", "age > 70", "--kind", "maxcombo"))

# ---- competing risks: limits
mg <- mgus; cs <- factor(mg$event, 0:2)
for (ct in c("log", "log-log", "plain")) { ci <- cmprsk::cuminc(mg$etime, mg$event); tp <- cmprsk::timepoints(ci, c(60, 200)); F <- tp$est[, ]; se <- sqrt(tp$var); z <- qnorm(.975)
  lim <- switch(ct, log = list(F * exp(-z * se / F), F * exp(z * se / F)), `log-log` = list(F^exp(-z * se / (F * log(F))), F^exp(z * se / (F * log(F)))), plain = list(F - z * se, F + z * se)); ex <- list()
  for (k in 1:2) for (t in 1:2) ex <- c(ex, num(sprintf("curves[cause=%d].at[time=%g].%s", k, c(60, 200)[t], c("est", "conf.low", "conf.high")), c(F[k, t], lim[[1]][k, t], lim[[2]][k, t])))
  case(paste0("cuminc-limits-", ct), c("fit", "cuminc", "Surv(etime, event) ~ 1", "--data", "mgus2.csv", "--times", "60,200", "--conf-type", ct), ex, source = "cmprsk::timepoints; limits by the formula") }

# ---- accelerated failure time: strata, predictions, terms
for (dist in c("weibull", "lognormal", "loglogistic")) { g <- survreg(Surv(time, status) ~ age + factor(sex) + strata(sex), lung, dist = dist, control = survreg.control(rel.tolerance = 1e-14, maxiter = 200)); tab <- summary(g)$table
  case(paste0("aft-strata-", dist), c("fit", "aft", paste0(S, "age + factor(sex) + strata(sex)"), "--data", "lung.csv", "--dist", dist), coefs(rownames(tab), tab[, 1], tab[, 2], 2e-6), num("fit.logLik", g$loglik[2], 1e-8), num("fit.logLikNull", g$loglik[1], 1e-7), num("fit.df", sum(g$df)), source = "survreg with strata()")
  h <- survreg(Surv(time, status) ~ age + factor(sex) + ph.ecog, d, dist = dist, control = survreg.control(rel.tolerance = 1e-14, maxiter = 200)); pr <- predict(h, new, type = "response", se.fit = TRUE); md <- predict(h, new, type = "quantile", p = .5, se.fit = TRUE); lp <- predict(h, new, type = "lp"); sg <- h$scale
  mean <- switch(dist, weibull = exp(lp) * gamma(1 + sg), lognormal = exp(lp + sg^2 / 2), loglogistic = if (sg < 1) exp(lp) * pi * sg / sin(pi * sg))
  an <- car::Anova(h); em <- as.data.frame(emmeans::emmeans(h, ~ sex))
  case(paste0("aft-after-", dist), c("fit", "aft", paste0(S, "age + factor(sex) + ph.ecog"), "--data", "lung.csv", "--dist", dist, "--predict", "lung_new.csv", "--anova", "2", "--emmeans", "~ sex"),
       num(sprintf("predictions[%d].fit", 0:3), pr$fit), num(sprintf("predictions[%d].se", 0:3), pr$se.fit), num(sprintf("predictions[%d].median", 0:3), md$fit), num(sprintf("predictions[%d].median.se", 0:3), md$se.fit, 1e-5), num(sprintf("predictions[%d].mean", 0:3), mean),
       num(sprintf("anova[term=\"%s\"].statistic", rownames(an)), an[[1]], 1e-5), num(sprintf("emmeans[%d].emmean", 0:1), em$emmean), num(sprintf("emmeans[%d].SE", 0:1), em$SE), num(sprintf("emmeans[%d].lower.CL", 0:1), em$lower.CL), source = "predict.survreg, car::Anova, emmeans") }

# ---- restricted mean by pseudo-values: the jackknife written out, geepack for the regression
rmean <- function(t, s, tau) { f <- survfit(Surv(t, s) ~ 1); i <- f$time <= tau; sum(diff(c(0, f$time[i], tau)) * c(1, f$surv[i])) }
pseudo <- function(t, s, tau) { n <- length(t); all <- rmean(t, s, tau); n * all - (n - 1) * sapply(seq_len(n), function(i) rmean(t[-i], s[-i], tau)) }
pv <- pseudo(d$time, d$status == 2, 600); d$pv <- pv; d$row <- seq_len(nrow(d)); d$pvs <- NA; for (g in 1:2) d$pvs[d$sex == g] <- pseudo(d$time[d$sex == g], (d$status == 2)[d$sex == g], 600)
gee <- function(y, link, id = d$row) { f <- geepack::geese(as.formula(paste(y, "~ factor(sex) + age + ph.ecog")), id = id, data = d, family = gaussian(link), mean.link = link, corstr = "independence", b = if (link == "log") c(log(mean(d[[y]])), 0, 0, 0) else NULL, control = geepack::geese.control(epsilon = 1e-12, maxit = 200)); list(b = f$beta, se = sqrt(diag(f$vbeta))) }
for (l in c("identity", "log")) { f <- gee("pv", l); case(paste0("rmst-pseudo-", l), c("fit", "rmst", paste0(S, "factor(sex) + age + ph.ecog"), "--data", "lung.csv", "--tau", "600", "--pseudo", "--link", l), coefs(names(f$b), f$b, f$se), source = "jackknife pseudo-values of survfit's area; geepack::geese, independence") }
f <- gee("pvs", "identity"); case("rmst-pseudo-strata", c("fit", "rmst", paste0(S, "factor(sex) + age + ph.ecog + strata(sex)"), "--data", "lung.csv", "--tau", "600", "--pseudo"), coefs(names(f$b), f$b, f$se), source = "pseudo-values within sex; geepack::geese")
# ---- printed values of well-known data
printed <- function(path, value, digits) lapply(seq_along(path), function(i) list(path = path[i], value = value[i], rtol = 0, atol = 0.5 * 10^-digits + 1e-12))
write.csv(with(survival::aml, data.frame(time, status, x)), "data/aml.csv", row.names = FALSE, quote = FALSE)
ro <- carData::Rossi; write.csv(with(ro, data.frame(week, arrest, fin = +(fin == "yes"), age, race = +(race == "black"), wexp = +(wexp == "yes"), mar = +(mar == "married"), paro = +(paro == "yes"), prio)), "data/rossi.csv", row.names = FALSE)
write.csv(survival::veteran, "data/veteran.csv", row.names = FALSE, quote = FALSE)
case("printed-aml-km", c("fit", "km", "Surv(time, status) ~ x", "--data", "aml.csv"),
     printed(sprintf("strata[stratum=\"x=Maintained\"].curve[time=%d].surv", c(9, 13, 18, 23, 31, 34, 48)), c(.909, .818, .716, .614, .491, .368, .184), 3),
     printed(sprintf("strata[stratum=\"x=Maintained\"].curve[time=%d].std.err", c(9, 13, 18, 23, 31, 34, 48)), c(.0867, .1163, .1397, .1526, .1642, .1627, .1535), 4),
     printed(sprintf("strata[stratum=\"x=Maintained\"].curve[time=%d].conf.low", c(9, 13, 18, 48)), c(.7541, .6192, .4884, .0359), 4),
     printed(c("strata[stratum=\"x=Maintained\"].median", "strata[stratum=\"x=Nonmaintained\"].median"), c(31, 23), 0),
     source = "maintained chemotherapy in acute myelogenous leukaemia, Miller, Survival Analysis (1981); summary(survfit) as R prints it")
case("printed-aml-logrank", c("fit", "logrank", "Surv(time, status) ~ x", "--data", "aml.csv"), printed(c("groups[0].observed", "groups[1].observed"), c(7, 11), 0), printed(c("groups[0].expected", "groups[1].expected"), c(10.69, 7.31), 2), printed("tests[0].statistic", 3.4, 1), printed("tests[0].p.value", .0653, 4),
     source = "Miller (1981); survdiff as R prints it")
rt <- c("fin", "age", "race", "wexp", "mar", "paro", "prio")
case("printed-rossi-cox", c("fit", "cox", "Surv(week, arrest) ~ fin + age + race + wexp + mar + paro + prio", "--data", "rossi.csv"),
     printed(sprintf("coefficients[term=%s].estimate", rt[1:5]), c(-.379, -.057, .314, -.150, -.434), 3), printed(sprintf("coefficients[term=%s].std.error", rt[1:4]), c(.191, .022, .308, .212), 3), printed(sprintf("coefficients[term=%s].p.value", rt[1:4]), c(.047, .009, .308, .480), 3), printed("n", 432, 0), printed("fit.events", 114, 0),
     source = "Rossi, Berk & Lenihan, Money, Work and Crime (1980); lifelines' CoxPHFitter().summary rounded to three decimals")
case("printed-veteran-cox", c("fit", "cox", "Surv(time, status) ~ factor(trt)", "--data", "veteran.csv"), printed("coefficients[0].estimate", .01774, 5), printed("coefficients[0].std.error", .18066, 5), printed("coefficients[0].p.value", .922, 3), printed("fit.concordance", .525, 3), printed("fit.concordanceSE", .026, 3), printed("tests[name=lr].p.value", .9218, 4),
     source = "Veterans' Administration lung cancer trial, Kalbfleisch & Prentice (1980); summary(coxph) as R prints it")
# The bone-marrow transplants: SAS prints patients and failures by group; the statistics are computed by the definition.
bm <- read("bmt.csv"); tb <- tables(bm$t2, bm$d3 == 1, bm$group, rep(1, nrow(bm)))
for (kind in c("logrank", "gehan")) { x <- family(tb, 3, weights(tb, kind)); chi <- drop(x$U[1:2] %*% solve(x$V[1:2, 1:2], x$U[1:2]))
  case(paste0("bmt-", kind), c("fit", "logrank", "Surv(t2, d3) ~ group", "--data", "bmt.csv", "--kind", kind), num("tests[0].statistic", chi), num("tests[0].p.value", pchisq(chi, 2, lower.tail = FALSE), 1e-5), printed(sprintf("groups[%d].n", 0:2), c(38, 54, 45), 0), if (kind == "logrank") printed(sprintf("groups[%d].observed", 0:2), c(24, 25, 34), 0),
       source = "bone marrow transplants, Klein & Moeschberger (1997): statistics by the definition, their section 7.3; patients and failures as the SAS/STAT User's Guide prints them (Customizing the Kaplan-Meier Survival Plot)") }

# ---- persons of several rows, labels of strata, weighted mean offset
kp <- survfit(Surv(start, stop, event) ~ 1, heart, id = id); at <- c(1, 11, 31, 36, 39, 1799)
case("km-persons", c("fit", "km", "Surv(start, stop, event) ~ 1", "--data", "heart.csv", "--id", "id"), num(sprintf("strata[0].curve[time=%g].n.censor", at[at %in% kp$time]), kp$n.censor[match(at[at %in% kp$time], kp$time)]), num("strata[0].n", 172), num("n", 172), source = "survfit(id = id): the end of a row that the person's next one follows is no censoring")
kb <- survfit(Surv(start, stop, event) ~ rx, bladder, id = id); ex <- list()
for (k in 1:2) { s <- summary(kb[k], times = c(5, 20, 40)); ex <- c(ex, num(sprintf("strata[stratum=\"rx=%d\"].at[time=%g].surv", k, s$time), s$surv), num(sprintf("strata[stratum=\"rx=%d\"].at[time=%g].std.err", k, s$time), s$std.err), num(sprintf("strata[stratum=\"rx=%d\"].at[time=%g].conf.low", k, s$time), s$lower)) }
case("km-persons-several-events", c("fit", "km", "Surv(start, stop, event) ~ rx", "--data", "bladder2.csv", "--id", "id", "--times", "5,20,40"), ex, source = "survfit(id = id), robust by person since some have several events")
vet <- read("veteran.csv"); vh <- basehaz(coxph(Surv(time, status) ~ karno + strata(celltype), transform(vet, celltype = factor(celltype)), control = tight), centered = FALSE); vh <- vh[vh$time %in% c(8, 51) & vh$strata %in% c("adeno", "smallcell"), ]
case("cox-baseline-categorical-strata", c("fit", "cox", "Surv(time, status) ~ karno + strata(celltype)", "--data", "veteran.csv", "--baseline"), num(sprintf("baseline[stratum=%s,time=%g].cumhaz", vh$strata, vh$time), vh$hazard, 2e-6), source = "basehaz(centered = FALSE): strata() of categories alone writes no names of variables")
oc <- na.omit(lung[, c("time", "status", "age", "sex", "ph.ecog")]); oh <- basehaz(coxph(Surv(time, status) ~ sex + offset(ph.ecog), oc, weights = age, control = tight), centered = FALSE); oh <- oh[oh$time %in% c(60, 180, 883), ]
case("cox-baseline-weighted-offset", c("fit", "cox", paste0(S, "sex + offset(ph.ecog)"), "--data", "lung.csv", "--weights", "age", "--baseline"), num(sprintf("baseline[time=%g].cumhaz", oh$time), oh$hazard, 2e-6), source = "basehaz(centered = FALSE), at the weighted mean of the offset")
hs <- coxph(Surv(start, stop, event) ~ age + surgery + transplant, heart, control = tight); h1 <- heart[!duplicated(heart$id), ]
for (v in 0:1) { h1$transplant <- v; ex <- if (v == 0) list() else ex; m <- rowMeans(summary(survfit(hs, h1), times = c(100, 500))$surv); ex <- c(ex, num(sprintf("marginal[measure=survival,level=%d,time=%g].estimate", v, c(100, 500)), m)) }
case("cox-standardise-start-stop", c("fit", "cox", "Surv(start, stop, event) ~ age + surgery + transplant", "--data", "heart.csv", "--standardise", "transplant", "--id", "id", "--times", "100,500"), ex, source = "means of survfit(coxph, newdata) over one row a person")
lines <- vapply(cases, function(x) as.character(toJSON(x, auto_unbox = TRUE, digits = NA, na = "null")), "")
writeLines(c("[", paste0(lines, c(rep(",", length(lines) - 1), "")), "]"), "survival-cases.json")
cat(length(cases), "cases\n")
