# Writes trial.csv (the data), designs.txt (design matrices) and newdata.txt (the same terms on other rows).
# Made by: LC_ALL=C.UTF-8 Rscript designs.R with R 4.2.2, packages stats and splines.
library(splines)
set.seed(20240117)
n <- 36
d <- data.frame(
  y = round(rnorm(n, 10, 3), 3), x = round(rexp(n, 0.2), 3), z = rep(0:5, 6), age = round(runif(n, 18, 67)),
  sex = rep(c("f", "m", "m"), 12), arm = sample(c("TAU", "IPS", "Wait list"), n, TRUE), race = sample(1:3, n, TRUE),
  `supp type` = rep(c("OJ", "VC"), each = 18), `dose (mg/day)` = rep(c(0.5, 1, 2), 12), check.names = FALSE)
d$y[5] <- NA; d$x[9] <- NA; d$arm[20] <- NA
write.csv(d, "trial.csv", row.names = FALSE, quote = FALSE, na = "")
new <- data.frame(
  y = 1, x = c(0.05, 3, 60, 12), z = c(0, 2, 5, 4), age = c(20, 44, 80, 10), sex = c("m", "f", "f", "m"),
  arm = c("TAU", "IPS", "IPS", "Wait list"), race = c(3, 1, 2, 1), `supp type` = "VC", `dose (mg/day)` = c(1, 2, 2, 0.5),
  check.names = FALSE)
write.csv(new, "newdata.csv", row.names = FALSE, quote = FALSE, na = "")

formulas <- c(
  "y ~ x", "y ~ 1", "y ~ 0 + x", "y ~ x - 1", "y ~ -1 + arm", "y ~ sex + arm", "y ~ arm*sex", "y ~ arm:sex",
  "y ~ 0 + arm:sex", "y ~ 0 + arm*sex", "y ~ 0 + x + arm + sex", "y ~ arm/x", "y ~ arm/sex", "y ~ x:arm", "y ~ x + x:arm + sex:arm",
  "y ~ arm + sex %in% arm", "y ~ (x + z + age)^2 - x:z", "y ~ (arm + sex + x)^3", "y ~ arm*sex*x - arm:sex:x", "y ~ arm:sex + arm",
  "y ~ sex:arm:x", "y ~ sex + sex:arm:x", "y ~ a2*x", "y ~ factor(race)*x", "y ~ factor(race):factor(z)", "y ~ I(x^2) + I(2*x - z)",
  "y ~ log(x) + sqrt(z) + exp(-x/10) + abs(x-5)", "y ~ log(x, 2) + log10(x) + log1p(z) + log2(age)", "y ~ I(x > 5) + I(z == 2 | z == 4)",
  "y ~ 0 + I(x > 5)", "y ~ (x > 5)*arm", "y ~ I(x/z^-2 + 1e5*x - 100000L*.5)", "y ~ poly(x, 2)", "y ~ poly(age, degree = 4)*sex",
  "y ~ poly(z, 1) + arm", "y ~ poly(x, 3, raw = TRUE)", "y ~ ns(age, 3) + sex", "y ~ ns(x, df = 1)", "y ~ ns(x, knots = c(2, 4))*sex",
  "y ~ ns(age, 4, intercept = TRUE) - 1", "y ~ bs(age, 5)", "y ~ bs(x, df = 4, degree = 2)", "y ~ bs(x, knots = c(1, 6), degree = 1)",
  "y ~ bs(age, knots = 40, Boundary.knots = c(15, 70))", "y ~ ns(age, 2, Boundary.knots = c(20, 60))", "y ~ bs(age, 6, intercept = TRUE) + 0",
  "y ~ scale(x) + scale(z, scale = FALSE) + scale(age, center = FALSE)", "y ~ scale(x):arm", "y ~ `supp type` * `dose (mg/day)`",
  "y ~ factor(`dose (mg/day)`) + `supp type`:x", "y ~ .", "y ~ . - arm - x", "y ~ .^2 - sex:.", "log(y) ~ . + x:z", "y ~ offset(x) + z",
  "y ~ x + offset(log(age)) + arm:z", "y ~ arm + 1 + sex - 1 + 1", "y ~ x*z - (x + z)", "y ~ x %in% arm", "y ~ (x + z)/(arm + sex)",
  "y ~ arm/sex/x", "y ~ arm*(x + sex) - x", "y ~ I(z %% 2) + I(z %/% 2) + round(x, 1) + floor(x) + sign(z - 2)", "y ~ pmin(x, 4) + pmax(z, age/20)",
  "y ~ ifelse(sex == 'f', x, 0) + x", "y ~ factor(race, levels = c(3, 1, 2)) + factor(arm, levels = c(\"TAU\", \"IPS\", \"Wait list\"))",
  "y ~ I(sex == \"f\" & !(z < 3)):x", "y ~ poly(x, 2):poly(z, 2)", "y ~ poly(log(x), 2) + ns(sqrt(age), 2)", "y ~ x:x + x*x + z^2 + (arm)^2",
  "y ~ 0 + poly(z, 2) + arm + sex", "y ~ 0 + x:arm + sex", "y ~ I(-x^2) + I(-(-z))")
num <- function(v) paste(sprintf("%.17g", v), collapse = " ")
sink("designs.txt")
for (f in formulas) for (type in c("contr.treatment", "contr.sum")) {
  fo <- as.formula(gsub("a2", "factor(arm)", f))
  g <- gsub("a2", "factor(arm)", f)
  used <- if (any(all.vars(fo) == ".")) names(d) else all.vars(fo)  # R drops rows that miss a variable which `-` took out
  rows <- which(complete.cases(d[used]))
  x <- d[rows, ]
  mf <- model.frame(fo, x, drop.unused.levels = TRUE, na.action = na.pass)
  tt <- terms(mf)
  is.cat <- vapply(mf, function(v) is.factor(v) || is.character(v) || is.logical(v), NA)
  cats <- names(mf)[is.cat]; fm <- attr(tt, "factors")
  cats <- if (length(fm)) cats[cats %in% c(rownames(fm), gsub("`", "", rownames(fm)))[rep(rowSums(fm) > 0, 2)]] else character()
  if (type == "contr.sum" && !length(cats)) next
  ca <- setNames(rep(list(type), length(cats)), cats)
  m <- model.matrix(tt, mf, contrasts.arg = if (length(ca)) ca)
  cat("formula\t", g, "\n", sep = ""); cat("contrasts\t", type, "\n", sep = "")
  cat("rows\t", paste(rows, collapse = " "), "\n", sep = "")
  cat("terms\t", paste(attr(tt, "term.labels"), collapse = "\t"), "\n", sep = "")
  cat("names\t", paste(colnames(m), collapse = "\t"), "\n", sep = "")
  cat("assign\t", paste(attr(m, "assign"), collapse = " "), "\n", sep = "")
  for (j in seq_len(ncol(m))) cat("column\t", num(m[, j]), "\n", sep = "")
  off <- model.offset(mf); if (!is.null(off)) cat("offset\t", num(off), "\n", sep = "")
  nt <- delete.response(tt); env <- environment(nt)
  xlev <- .getXlevels(tt, mf)
  nm <- suppressWarnings(model.frame(nt, new, xlev = xlev))
  k <- model.matrix(nt, nm, contrasts.arg = if (length(ca)) ca)
  for (j in seq_len(ncol(k))) cat("new\t", num(k[, j]), "\n", sep = "")
}
sink()
