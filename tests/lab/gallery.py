"""A notebook that shows every display, and pages with the themes of VS Code for the same ones."""

import json
import sys
from collections.abc import Sequence
from pathlib import Path

LAST = "This is the last cell."

PIPELINE = '''\
import numpy as np
import pandas as pd
from dspipe import Contract, Policy, PredictionPipeline, sql

SHIFT = 0.0


class LateFlight(PredictionPipeline):
    """Will the flight arrive more than 15 minutes late?"""

    key = "flight_id"
    on_bad_row = "reject"

    def extract(self, day: str, carrier: str | None = None, api_token: str = "tulip-4711"):
        """Ask for the flights of a day.

        Parameters
        ----------
        day : str
            Day of departure, in local time.
        carrier : str, optional
            Two letters; all carriers when not given.
        """
        random = np.random.default_rng(7)
        frame = pd.DataFrame({
            "flight_id": range(40),
            "carrier": random.choice(["AA", "UA", "<script>DL</script>"], 40),
            "distance": random.integers(100, 3000, 40).astype("float64"),
            "departure": pd.Timestamp("2013-06-01 06:00", tz="UTC")
            + pd.to_timedelta(random.integers(0, 900, 40), unit="min"),
            "remark": "A rather long text that somebody typed into a form, and that goes on. " * 3,
        })
        frame.loc[3, "distance"] = np.nan
        return frame

    def postprocess(self, data):
        is_night = data["departure"].dt.hour > 18
        return data.assign(is_night=is_night, distance=data["distance"] + SHIFT)

    def predict(self, features):
        late = (features["distance"] / 3000).clip(0, 1)
        return pd.DataFrame(
            {
                "prediction": pd.Categorical(np.where(late > 0.5, "late", "in_time")),
                "probability_in_time": 1 - late,
                "probability_late": late,
            },
            index=features.index,
        )


pipe = LateFlight()'''

CONTRACTS = """\
train = pipe.features(day="2013-06-01").drop(columns="remark").astype({"carrier": "category"})
contract = Contract.infer(train)
later = train.drop(columns="departure").assign(season="summer", distance=train["distance"] * 2)
other = Contract.infer(later, policy=Policy(out_of_range="error"))"""

RECORD = """\
from dspipe.checks import check
from dspipe.parity import load_golden, replay

run = pipe.run(day="2013-06-01")
golden = load_golden(run.record("june", folder="golden"))"""

QUERY = """\
sql(
    "select *\\nfrom flights\\nwhere day = :day and carrier in :carriers and key = :api_key",
    day="2013-06-01", carriers=["AA", "<b>UA</b>"], api_key="tulip-4711",
).on("warehouse")"""

# What shows something, with a piece of the text that must be seen.
SHOWN = (
    ("pipe", "Will the flight arrive more than 15 minutes late?"),
    ('pipe.preview(4, day="2013-06-01")', "first 4 rows of every stage"),
    ("run", "39 predictions in"),
    (QUERY, "on warehouse; not run yet"),
    ("contract", "4 columns, in the order of the model"),
    ("contract.diff(other)", "before and after"),
    ("golden", "golden run of 40 rows"),
    ("replay(golden, LateFlight)", "equal"),
    ("SHIFT = 1.0\nreplay(golden, LateFlight)", "not the recorded run"),
    ('check(LateFlight, folder=__import__("pathlib").Path("golden"))', "Not checked"),
    ("from dspipe.predictors import MockPredictor\nMockPredictor(0.25)", "MockPredictor"),
    ("%dspipe cells", "'SHIFT' has 2 meanings"),
    ("%dspipe check --class LateFlight", "No package was given"),
)


def write_notebook(folder: Path) -> Path:
    """Write the notebook, with all of its cells still to be run."""
    setup = [PIPELINE, CONTRACTS, RECORD, "%load_ext dspipe"]
    sources = [*setup, *(source for source, _ in SHOWN), f'print("{LAST}")']
    cells: list[dict[str, object]] = [
        {
            "cell_type": "code", "id": f"cell-{number}", "metadata": {}, "source": source,
            "outputs": [], "execution_count": None,
        }
        for number, source in enumerate(sources)
    ]  # fmt: skip
    kernel = {"name": "tested", "display_name": "Tested", "language": "python"}
    document = {
        "nbformat": 4, "nbformat_minor": 5, "metadata": {"kernelspec": kernel}, "cells": cells,
    }  # fmt: skip
    file = folder / "flights.ipynb"
    file.write_text(json.dumps(document), encoding="utf-8")
    return file


def write_kernel(folder: Path) -> None:
    """Write down that notebooks run in the interpreter of the tests."""
    place = folder / "kernels" / "tested"
    place.mkdir(parents=True)
    command = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    about = {"argv": command, "display_name": "Tested", "language": "python"}
    (place / "kernel.json").write_text(json.dumps(about), encoding="utf-8")


# What VS Code's own themes set: the class of the body, its ground, and the variables that are read.
VSCODE = {
    "vscode-light": ("#ffffff", {"editor-foreground": "#3b3b3b", "charts-blue": "#1a85ff"}),
    "vscode-dark": ("#1f1f1f", {"editor-foreground": "#cccccc", "charts-blue": "#3794ff"}),
    "vscode-high-contrast": (
        "#000000",
        {"editor-foreground": "#ffffff", "charts-blue": "#3794ff", "contrastBorder": "#6fc3df"},
    ),
}


def make_page(theme: str, displays: Sequence[str]) -> str:
    """Put displays on a page as VS Code's renderer of notebooks does."""
    ground, colours = VSCODE[theme]
    variables = {"font-family": "sans-serif", "editor-font-family": "monospace"} | colours
    style = ";".join(f"--vscode-{name}:{value}" for name, value in variables.items())
    body = "".join(f"<div>{display}</div>" for display in displays)
    return (
        f'<!doctype html><html style="{style}"><body class="{theme}" '
        f'style="background:{ground};color:{colours["editor-foreground"]};font:13px sans-serif">'
        f"<main>{body}</main></body></html>"
    )
