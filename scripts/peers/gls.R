# Rscript gls.R FILE: the workload 'mmrm' of scripts/bench in R (nlme; the mmrm package is not in Debian).
library(nlme)
d <- data.table::fread(commandArgs(TRUE)[1], data.table = FALSE)
d$step <- match(d$visit, sort(unique(d$visit)))
print(summary(gls(y ~ arm * factor(visit), d, corSymm(form = ~ step | id), varIdent(form = ~ 1 | visit))))
