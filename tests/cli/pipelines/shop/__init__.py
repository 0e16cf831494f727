"""A package with a pipeline."""
