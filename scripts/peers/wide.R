# Rscript wide.R FILE [base|all|allbase]: reads five of thirty columns, or all, with fread or read.csv, and adds them up; less than hekta
# does, which also fits a model.
arguments <- c(commandArgs(TRUE), "five")
columns <- c("v4", "v5", "v9", "v10", "v6")
d <- switch(arguments[2],
  base = read.csv(arguments[1])[columns],
  allbase = read.csv(arguments[1]),
  all = data.table::fread(arguments[1]),
  data.table::fread(arguments[1], select = columns))
print(sapply(d, function(x) if (is.numeric(x)) sum(x) else length(unique(x))))
