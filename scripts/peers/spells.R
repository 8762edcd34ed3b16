# Rscript spells.R FILE: days, hours and jobs of each participant in the 18 months from inclusion, from FILE and FILE.spells.
suppressMessages(library(data.table))
file <- commandArgs(TRUE)[1]
people <- fread(file); spells <- fread(paste0(file, ".spells"))
after <- function(day, months) {
  p <- as.POSIXlt(day); total <- p$mon + months; year <- p$year + 1900L + total %/% 12L; month <- total %% 12L + 1L
  last <- c(31L, 28L, 31L, 30L, 31L, 30L, 31L, 31L, 30L, 31L, 30L, 31L)[month]
  leap <- month == 2L & (year %% 4L == 0L & (year %% 100L != 0L | year %% 400L == 0L))
  as.integer(as.Date(ISOdate(year, month, pmin(p$mday, last + leap))))
}
people[, `:=`(from = as.integer(inclusion_date), to = after(inclusion_date, 18L) - 1L)]
s <- spells[people, on = "id", nomatch = NULL][, `:=`(start = as.integer(start), end = as.integer(end))]
s[is.na(end), end := pmax(to, start)]
setorder(s, id, establishment, start, end)
s[, reach := cummax(end), by = .(id, establishment)]
s[, job := cumsum(c(1L, start[-1] > reach[-.N] + 1L)), by = .(id, establishment)]
jobs <- s[, .(start = min(start), end = max(end), from = from[1], to = to[1]), by = .(id, establishment, job)]
kept <- jobs[start >= from & start <= to]
s <- s[kept[, .(id, establishment, job)], on = c("id", "establishment", "job")]
hours <- s[, .(hours = sum(pmax(0, pmin(end, to) - pmax(start, from) + 1) * full_time_hours * position_pct / 700)), by = id]
kept[, end := pmin(end, to)]
setorder(kept, id, start)
kept[, reach := shift(cummax(end), fill = -1e6L), by = id]
work <- kept[, .(days_worked = sum(pmax(0, end - pmax(start - 1, reach))), jobs = .N), by = id]
out <- work[hours, on = "id"][people[, .(id)], on = "id"]
setnafill(out, fill = 0)
fwrite(out, paste0(file, ".out"))
