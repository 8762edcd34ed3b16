# Rscript report.R DIR OUT: the analyses of Fixtures/help with R packages, tables as HTML and figures as SVG, as a
# researcher would script them: what `hekta analyze` replaces.
suppressPackageStartupMessages({ library(survival); library(lme4); library(lmerTest); library(emmeans) })
arguments <- commandArgs(TRUE)
dir <- arguments[1]; out <- arguments[2]
dir.create(out, showWarnings = FALSE, recursive = TRUE)
base <- read.csv(file.path(dir, "help_baseline.csv"), stringsAsFactors = TRUE, na.strings = c("", "NA"))
long <- read.csv(file.path(dir, "help_followup.csv"))
base$linked <- as.integer(base$link == "yes")
page <- c("<html><body>")
add <- function(title, x) page <<- c(page, paste0("<h2>", title, "</h2><pre>"), capture.output(print(x)), "</pre>")

# Table 1 and balance.
smd <- function(x, g) { m <- tapply(x, g, mean, na.rm = TRUE); v <- tapply(x, g, var, na.rm = TRUE); diff(m) / sqrt(mean(v)) }
numeric <- c("age", "cesd", "pcs", "mcs", "indtot", "i1")
add("Baseline", t(sapply(base[numeric], function(x) c(tapply(x, base$treat, mean, na.rm = TRUE), tapply(x, base$treat, sd, na.rm = TRUE), smd = smd(x, base$treat)))))
for (v in c("sex", "racegrp", "homeless", "substance")) add(v, table(base[[v]], base$treat))
add("Omnibus", anova(glm(treat == "yes" ~ age + sex + homeless + substance + pcs + mcs, binomial, base), test = "Chisq"))

# Linkage.
add("Risks", table(base$treat, base$link, useNA = "ifany"))
add("Test", prop.test(table(base$treat, base$link)))
crude <- glm(linked ~ treat, binomial, base); adjusted <- glm(linked ~ treat + age + female + homeless + substance + pcs + mcs, binomial, base)
add("Logistic", summary(crude)); add("Adjusted", summary(adjusted)); add("Limits", exp(suppressMessages(confint(adjusted))))
s <- Surv(base$dayslink, base$linked)
km <- survfit(s ~ treat, base); add("KM", km); add("At 180 days", summary(km, times = c(90, 180, 270, 360)))
add("Log-rank", survdiff(s ~ treat, base))
cox <- coxph(s ~ treat, base); add("Cox", summary(cox)); add("PH", cox.zph(cox))
add("Cox adjusted", summary(coxph(s ~ treat + age + female + homeless + substance + pcs + mcs, base)))
svg(file.path(out, "km.svg"), 7, 5); plot(km, col = 1:2, conf.int = TRUE, mark.time = TRUE); dev.off()

# Depressive symptoms.
long$arm <- factor(long$GROUP); long$visit <- factor(long$TIME)
fit <- lmer(CES_D ~ arm * visit + (1 | ID), long)
means <- emmeans(fit, pairwise ~ arm | visit, lmer.df = "satterthwaite")
add("Mixed model", summary(fit)); add("Means", means)
m <- as.data.frame(means$emmeans)
svg(file.path(out, "means.svg"), 7, 5); plot(as.numeric(m$visit), m$emmean, pch = as.numeric(m$arm), ylim = range(m$lower.CL, m$upper.CL)); segments(as.numeric(m$visit), m$lower.CL, as.numeric(m$visit), m$upper.CL); dev.off()
writeLines(c(page, "</body></html>"), file.path(out, "report.html"))
