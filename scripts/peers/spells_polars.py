"""spells_polars.py FILE: hekta's outcomes but the flags, the longest job and the pre-existing jobs, from FILE and FILE.spells.

One lazy query. Running ends within a group come from one cumulative maximum over the sorted spells, each group lifted above
the one before, since a window function a group takes several times as long."""
import sys

import polars as pl

LIFT = 10_000_000
file = sys.argv[1]
people = pl.scan_csv(file, schema_overrides={"inclusion_date": pl.Date}).select(
    "id",
    pl.col("inclusion_date").cast(pl.Int32).alias("from"),
    (pl.col("inclusion_date").dt.offset_by("18mo").cast(pl.Int32) - 1).alias("to"),
).collect()


def starts_group(*names):
    changes = pl.col(names[0]) != pl.col(names[0]).shift(1)
    for name in names[1:]:
        changes = changes | (pl.col(name) != pl.col(name).shift(1))
    return changes.fill_null(True)


def reach(group):
    """The latest end among the earlier spells of a group; before the first one far in the past."""
    return ((pl.col("end") + group * LIFT).cum_max().shift(1) - group * LIFT).fill_null(-LIFT)


spells = (
    pl.scan_csv(file + ".spells", schema_overrides={"start": pl.Date, "end": pl.Date})
    .select("id", "establishment", pl.col("start", "end").cast(pl.Int64), "position_pct", "full_time_hours")
    .join(people.lazy(), on="id")
    .with_columns(pl.col("end").fill_null(pl.max_horizontal("to", "start")))
    .sort("id", "establishment", "start", "end")
    .with_columns(starts_group("id", "establishment").cum_sum().cast(pl.Int64).alias("place"))
    .with_columns((pl.col("start") > reach(pl.col("place")) + 1).alias("begins"))
    .with_columns(pl.when("begins").then("start").forward_fill().alias("begun"))
    .filter((pl.col("begun") >= pl.col("from")) & (pl.col("begun") <= pl.col("to")))
    .with_columns(pl.min_horizontal("end", "to").alias("end"))
    .sort("id", "start")
    .with_columns(starts_group("id").cum_sum().cast(pl.Int64).alias("person"))
    .with_columns(pl.max_horizontal(pl.col("start") - 1, reach(pl.col("person"))).alias("reach"))
)
work = spells.group_by("id").agg(
    employed=(pl.col("end") > pl.col("reach")).any().cast(pl.Int8),
    days_worked=(pl.col("end") - pl.col("reach")).clip(0).sum(),
    hours=((pl.col("end") - pl.col("start") + 1).clip(0) * pl.col("full_time_hours") * pl.col("position_pct") / 700).sum(),
    jobs=pl.col("begins").sum(),
    days_to_first_job=(pl.col("start") - pl.col("from")).min(),
).collect()
people.select("id").join(work, on="id", how="left", maintain_order="left").with_columns(
    pl.col("employed", "days_worked", "hours", "jobs").fill_null(0)
).write_csv(file + ".out", null_value="NA")
