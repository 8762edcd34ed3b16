# Writes ReferenceValues.swift: samples and what R 4.2.2 says of them. Run: Rscript reference.R > ../ReferenceValues.swift
# The samples are R's own datasets (warpbreaks, sleep, airquality, InsectSprays, swiss, UCBAdmissions, HairEyeColor).
out <- list()
put <- function(name, x) out[[name]] <<- as.numeric(x)
ht <- function(name, r) put(name, c(r$statistic, if (is.null(r$parameter)) NA else r$parameter, r$p.value,
  if (is.null(r$conf.int)) c(NA, NA) else r$conf.int[1:2]))
A <- subset(warpbreaks, wool == "A")$breaks; B <- subset(warpbreaks, wool == "B")$breaks
X <- swiss$Fertility; Y <- swiss$Agriculture; S <- sleep$extra[1:10]; U <- sleep$extra[11:20]
O <- airquality$Ozone[!is.na(airquality$Ozone)]
samples <- list(woolA = A, woolB = B, fertility = X, agriculture = Y, sleep1 = S, sleep2 = U, ozone = O)
alts <- c("two.sided", "less", "greater")
for (a in alts) {
  ht(paste0("t.welch.", a), t.test(A, B, alternative = a, mu = 1, conf.level = 0.9))
  ht(paste0("t.pooled.", a), t.test(A, B, alternative = a, var.equal = TRUE))
  ht(paste0("t.one.", a), t.test(S, alternative = a, mu = 0.3))
  w <- function(name, ...) ht(paste0(name, ".", a), suppressWarnings(wilcox.test(..., alternative = a, conf.int = TRUE, tol.root = 1e-10)))
  w("wilcox.exact", X + seq_along(X) * 1e-4, Y + seq_along(X) * 1.7e-5, exact = TRUE, conf.level = 0.9)
  w("wilcox.normal", A, B, exact = FALSE)
  w("wilcox.plain", A, B, exact = FALSE, correct = FALSE, mu = 2)
  w("signed.exact", X - Y + seq_along(X) * 1e-4, exact = TRUE, mu = 10)
  w("signed.normal", S, exact = FALSE)
  w("signed.plain", A, exact = FALSE, correct = FALSE, mu = 25, conf.level = 0.8)
  k <- function(name, ...) ht(paste0(name, ".", a), suppressWarnings(ks.test(..., alternative = a)))
  k("ks.exact", A, B, exact = TRUE); k("ks.asymptotic", A, B, exact = FALSE); k("ks.default", X, Y)
  for (q in list(c(7, 20, 0.3), c(63, 228, 0.19), c(0, 15, 0.5), c(12, 12, 0.8), c(3, 10, 0.3))) {
    r <- binom.test(q[1], q[2], q[3], alternative = a, conf.level = 0.9); put(paste("binom", q[1], q[2], a, sep = "."), c(r$p.value, r$conf.int[1:2])) }
}
for (n in c("fertility", "ozone", "sleep1", "woolA")) ht(paste0("shapiro.", n), shapiro.test(samples[[n]]))
ht("shapiro.three", shapiro.test(c(1, 2, 4))); ht("shapiro.five", shapiro.test(c(1, 2, 4, 8, 9)))
ht("kruskal", kruskal.test(count ~ spray, InsectSprays))
hair <- HairEyeColor[, , "Female"]; ht("chisq.hair", chisq.test(hair))
two <- UCBAdmissions[, , "A"]; ht("chisq.yates", chisq.test(two)); ht("chisq.plain", chisq.test(two, correct = FALSE))
ht("mcnemar", mcnemar.test(matrix(c(794, 86, 150, 570), 2))); ht("mcnemar.plain", mcnemar.test(matrix(c(794, 86, 150, 570), 2), correct = FALSE))
bowker <- matrix(c(10, 4, 3, 6, 12, 5, 1, 9, 8), 3); ht("bowker", mcnemar.test(bowker))
for (a in alts) {
  r <- mantelhaen.test(UCBAdmissions, alternative = a); put(paste0("cmh.", a), c(r$statistic, 1, r$p.value, r$conf.int[1:2], r$estimate))
  r <- mantelhaen.test(UCBAdmissions, alternative = a, exact = TRUE); put(paste0("cmh.exact.", a), c(r$statistic, r$p.value, r$conf.int[1:2], r$estimate))
}
ht("cmh.plain", mantelhaen.test(UCBAdmissions, correct = FALSE)); ht("cmh.general", mantelhaen.test(HairEyeColor))
jobs <- matrix(c(1, 2, 1, 0, 3, 3, 6, 1, 10, 10, 14, 9, 6, 7, 12, 11), 4)   # Agresti 2002, p. 57, in ?fisher.test
put("fisher.jobs", fisher.test(jobs)$p.value)
put("fisher.hair", fisher.test(matrix(c(6, 3, 2, 0, 4, 8, 1, 5, 2), 3))$p.value)
put("fisher.wide", fisher.test(matrix(c(3, 5, 0, 7, 2, 2, 6, 1, 4, 4), 2))$p.value)
# Power
put("power.prop.n", power.prop.test(p1 = .5, p2 = .75, power = .9, tol = 1e-12)$n)
put("power.prop.power", power.prop.test(n = 100, p1 = .15, p2 = .3, sig.level = .01, tol = 1e-12)$power)
put("power.prop.p2", power.prop.test(n = 100, p1 = .344, power = .9, tol = 1e-12)$p2)
put("power.prop.one", power.prop.test(p1 = .2, p2 = .1, power = .8, alternative = "one.sided", tol = 1e-12)$n)
put("power.t.n", power.t.test(delta = 8, sd = 15, power = .8, tol = 1e-12)$n)
put("power.t.delta", power.t.test(n = 40, sd = 2, power = .9, alternative = "one.sided", tol = 1e-12)$delta)
put("power.t.power", power.t.test(n = 17, delta = 1.3, sd = 2.1, sig.level = .01)$power)
put("power.t.paired", power.t.test(delta = 1, sd = 2, power = .85, type = "paired", tol = 1e-12)$n)
num <- function(x) ifelse(is.na(x), ".nan", ifelse(x == Inf, ".infinity", ifelse(x == -Inf, "-.infinity", sprintf("%.15g", x))))
wrap <- function(x) paste0("\n    ", gsub("\n", "\n    ", paste(strwrap(paste(num(x), collapse = ", "), 100), collapse = "\n")), ",\n  ")
cat("// Written by Data/reference.R with", R.version.string, "\n\n")
cat("/// Samples from R's datasets.\nlet samples: [String: [Double]] = [\n", paste0("  \"", names(samples), "\": [", sapply(samples, wrap), "],\n"), "]\n\n", sep = "")
cat("/// What R says: statistic, degrees of freedom, p, lower and upper limit, unless the test using it says otherwise.\nlet reference: [String: [Double]] = [\n", paste0("  \"", names(out), "\": [", sapply(out, wrap), "],\n"), "]\n", sep = "")
