"""What `dspipe convert` takes for a notebook of 200 cells, as whole processes."""

import json
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from measure import Line, interleave, save

N_CELLS = 200
TARGET_SECONDS = 0.5
HEAD = "import pandas as pd, numpy as np\nfrom dspipe import PredictionPipeline"
PIPELINE = """class Late(PredictionPipeline):
    key = "id"

    def extract(self, n: int):
        return pd.DataFrame({"id": range(n)})

    def postprocess(self, data):
        return step_60(data)
"""


def make_cells() -> list[str]:
    """Write cells as they are: a third is needed, the rest looks at data."""
    cells = [HEAD]
    for at in range((N_CELLS - 3) // 3 + 1):
        before = f"step_{at - 1}(data)" if at else "data"
        body = "\n".join(
            f"    data['c{each}'] = np.log1p(data['id'] + {each})" for each in range(9)
        )
        define = f"LIMITS_{at} = [{at}, 2, 3]\n\n\ndef step_{at}(data):\n{body}\n"
        cells += [
            f"{define}    return {before}.assign(x=LIMITS_{at}[0])",
            f"%matplotlib inline\ndf_{at} = pd.read_csv('{at}.csv')\ndf_{at}.head()",
            f"!ls\nfor column in df_{at}:\n    print(column, df_{at}[column].mean())",
        ]
    return [*cells[: N_CELLS - 1], PIPELINE]


def write_notebook(folder: Path) -> Path:
    """Write the notebook with outputs as large as they are in practice."""
    output = {"output_type": "stream", "name": "stdout", "text": ["x" * 5_000]}
    cells = [
        {"cell_type": "code", "metadata": {}, "outputs": [output], "source": source}
        for source in make_cells()
    ]
    file = folder / "late.ipynb"
    file.write_text(json.dumps({"nbformat": 4, "metadata": {}, "cells": cells}), encoding="utf-8")
    return file


def run(*arguments: str | Path) -> None:
    """Start an interpreter, without the folder beside us."""
    subprocess.run([sys.executable, *arguments], check=True, capture_output=True)


if __name__ == "__main__":
    with TemporaryDirectory() as folder:
        notebook = write_notebook(Path(folder))
        module = notebook.with_suffix(".py")
        room = f"from dspipe.notebooks import convert; convert({str(notebook)!r}).write(force=True)"
        times = interleave(
            {
                "bare": lambda: run("-c", "pass"),
                "room": lambda: run("-c", room),
                "command": lambda: run("-m", "dspipe", "convert", notebook, "--out", module),
            },
            rounds=11,
            warmup=1,
        )
    save(
        "convert",
        [
            Line(
                f"{what}, {N_CELLS} cells",
                "bare interpreter",
                f"at most {TARGET_SECONDS} s more",
                times["bare"] * 1e3,
                times[way] * 1e3,
                "ms",
                times[way] / times["bare"],
                times[way] - times["bare"] <= TARGET_SECONDS,
            )
            for way, what in (("room", "convert()"), ("command", "dspipe convert"))
        ],
    )
