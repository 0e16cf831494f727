"""Calls of a handler in this process, and the lines that it writes."""

import json
from dataclasses import dataclass
from typing import Any

import pandas as pd
import pytest

from dspipe import PredictionPipeline
from dspipe.predictors import MockPredictor


@dataclass(frozen=True)
class Context:
    """Stands for what Lambda tells of a call."""

    aws_request_id: str = "request-1"
    left_ms: int = 60_000

    def get_remaining_time_in_millis(self) -> int:
        """Tell the time that is left."""
        return self.left_ms


class Late(PredictionPipeline):
    """Says how late flights arrive."""

    key: Any = "flight"
    on_bad_row: Any = "reject"
    predictor: Any = MockPredictor(lambda features: features["distance"] / 1000)

    def extract(self, n: int = 2, *, fail: str | None = None) -> pd.DataFrame:
        """Make flights, or fail in the way that is asked for."""
        if fail is not None:
            raise FAILURES[fail]
        return pd.DataFrame({"flight": [f"{i:03}" for i in range(n)], "distance": 250.0})


class Worded(Late):
    """Has code of its own between the rows and the model."""

    predictor = MockPredictor(lambda features: features["length"])

    def postprocess(self, data: pd.DataFrame) -> pd.DataFrame:
        """Count the letters of a word."""
        data["length"] = data["word"].str.len()
        return data[["flight", "length"]]


FAILURES: dict[str, BaseException] = {}


def make_request(**changes: Any) -> dict[str, Any]:
    """Make the event of an HTTP API."""
    return {
        "version": "2.0",
        "routeKey": "POST /",
        "rawQueryString": "",
        "headers": {},
        "requestContext": {"domainName": "x.execute-api", "http": {"method": "POST"}},
        "isBase64Encoded": False,
        **changes,
    }


def read_lines(capsys: pytest.CaptureFixture[str]) -> list[Any]:
    """Read the JSON lines that were written to standard output."""
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]
