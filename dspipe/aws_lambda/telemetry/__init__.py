"""Telemetry: what an invocation leaves in the log and in the metrics."""
