"""Fixtures that three or more files use."""

from aws.fixtures import aws, aws_endpoint, aws_server, lambda_runtime
from datarobot_service.fixtures import datarobot, serve_drum
from hypothesis import settings
from postgres import postgresql_server, postgresql_url

__all__ = [
    "aws",
    "aws_endpoint",
    "aws_server",
    "datarobot",
    "lambda_runtime",
    "postgresql_server",
    "postgresql_url",
    "serve_drum",
]

# The same examples every time, and no clock: this may run on a busy machine.
settings.register_profile("dspipe", derandomize=True, deadline=None)
settings.load_profile("dspipe")
