# Rscript wide.R FILE [base]: reads five of thirty columns and adds them up; less than hekta does, which also fits a model.
arguments <- commandArgs(TRUE)
columns <- c("v4", "v5", "v9", "v10", "v6")
d <- if (length(arguments) > 1) {
  read.csv(arguments[1])[columns]
} else {
  data.table::fread(arguments[1], select = columns)
}
print(sapply(d, function(x) if (is.numeric(x)) sum(x) else length(unique(x))))
