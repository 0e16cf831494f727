"""A file without a pipeline."""
