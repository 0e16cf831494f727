"""A file that fails while it is loaded."""

PATHS = {"data": "/data"}
DATA = PATHS["dta"]
