"""Distributions of a lock: installed for Lambda, slimmed, compiled, kept for the next build."""
