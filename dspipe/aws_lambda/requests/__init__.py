"""Requests: what bodies and files ask for, as tasks and as typed rows."""
