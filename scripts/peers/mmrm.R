# Rscript mmrm.R FILE: the workload 'mmrm' of scripts/bench in R.
library(mmrm)
d <- data.table::fread(commandArgs(TRUE)[1], data.table = FALSE)
for (v in c("visit", "id", "arm")) d[[v]] <- factor(d[[v]])
print(summary(mmrm(y ~ arm * visit + us(visit | id), d)))
