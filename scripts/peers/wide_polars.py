"""wide_polars.py FILE [all]: reads five of thirty columns, or all, and adds them up; less than hekta does, which also fits a model."""
import sys

import polars as pl

columns = None if len(sys.argv) > 2 else ["v4", "v5", "v9", "v10", "v6"]
d = pl.read_csv(sys.argv[1], columns=columns)
print([d[c].sum() if d[c].dtype.is_numeric() else d[c].n_unique() for c in d.columns])
