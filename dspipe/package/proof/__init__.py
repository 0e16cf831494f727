"""Proof: a clean process loads the package and must come to the same run."""
