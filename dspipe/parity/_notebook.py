"""The notebook as a station: its cells run top to bottom in a fresh kernel, then golden runs do.

Cells train, record and write files. So they run in a copy of the repository, which is thrown away:
no cell needs to be marked, and none can leave anything behind in the repository itself.
"""

import json
import os
import re
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from dspipe._extras import load_extra
from dspipe.aws_lambda.telemetry._redaction import redact
from dspipe.errors import ParityError
from dspipe.parity._copy import copy_repository
from dspipe.parity._golden import GoldenRun
from dspipe.parity._replay import Replay, judge, make_request

STATION = "the notebook"
# Set in the kernel, so that a cell that deploys is refused.
CHECKING_VARIABLE = "DSPIPE_CHECKING"
_CELL_SECONDS = 900
_PLACE = re.compile(r"Cell In\[(\d+)\],? line (\d+)")
_FILE_OF_CELL = re.compile(r" \(\S+\.py, line \d+\)$")
_COLOUR = re.compile(r"\x1b\[[0-9;]*m")
_LAST = (
    "from dspipe.parity._in_kernel import replay_in_kernel\n"
    "replay_in_kernel(globals(), {request!r}, {result!r})"
)


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell to be run.

    Attributes
    ----------
    number : int
        Counted from 1 over all cells, of text too.
    source : str
    """

    number: int
    source: str


def replay_notebook(
    goldens: Sequence[GoldenRun], notebook: Path, cells: Sequence[Cell], root: Path
) -> list[Replay]:
    """Run a notebook in a fresh kernel, and replay golden runs on its class there.

    Parameters
    ----------
    goldens : sequence of GoldenRun
        Of one pipeline.
    notebook : Path
    cells : sequence of Cell
        Its code, in order.
    root : Path
        The folder of the repository; the cells see a copy of it.

    Returns
    -------
    list of Replay
        One a golden run.

    Raises
    ------
    ParityError
        If a cell fails, the class is not there at the end, or the repository is too large to copy.
    MissingExtraError
        If nbclient is not installed.
    """
    order = {
        "class": goldens[0].pipeline,
        "requests": [make_request(golden, is_live=False) for golden in goldens],
    }
    with TemporaryDirectory(prefix="dspipe-notebook-") as folder:
        copy = copy_repository(root, Path(folder, root.resolve().name or "repository"))
        request, result = Path(folder, "in.json"), Path(folder, "out.json")
        request.write_text(json.dumps(order), encoding="utf-8")
        last = _LAST.format(request=str(request), result=str(result))
        cwd = copy / notebook.resolve().parent.relative_to(root.resolve())
        _execute(notebook, [*cells, Cell(0, last)], cwd)
        results = json.loads(result.read_text(encoding="utf-8"))
    if results is None:
        raise ParityError(
            f"{notebook.name} runs, and defines no class {order['class']} at its end. Name the "
            "notebook that the golden run came from, or record the run anew."
        )
    return [judge(golden, found, STATION) for golden, found in zip(goldens, results, strict=True)]


def _execute(notebook: Path, cells: Sequence[Cell], cwd: Path) -> None:
    nbclient = load_extra("nbclient", extra="notebook", needed_by="Running a notebook")
    nbformat = load_extra("nbformat", extra="notebook", needed_by="Running a notebook")
    document = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell(cell.source) for cell in cells]
    )
    client = nbclient.NotebookClient(document, timeout=_CELL_SECONDS, km=_make_kernel())
    try:
        client.execute(
            cleanup_kc=True,  # what is handed in would be left running
            cwd=str(cwd),
            env={**os.environ, CHECKING_VARIABLE: "1"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
    except nbclient.exceptions.CellExecutionError as error:
        raise _explain(notebook, cells, document, error) from None
    except nbclient.exceptions.CellTimeoutError as error:
        raise ParityError(
            f"A cell of {notebook.name} took more than {_CELL_SECONDS:,} seconds in a fresh "
            "kernel. Tag cells that are not part of the proof with 'skip-execution'."
        ) from error
    except nbclient.exceptions.DeadKernelError as error:
        raise ParityError(
            f"The kernel died while {notebook.name} ran in it. Run the notebook in Jupyter, and "
            "look which cell ends it."
        ) from error


def _make_kernel() -> Any:
    """Make a kernel of this very Python, whatever kernels a user has given the same name."""
    client = load_extra("jupyter_client", extra="notebook", needed_by="Running a notebook")
    load_extra("ipykernel", extra="notebook", needed_by="Running a notebook")
    specs = client.kernelspec.KernelSpecManager(kernel_dirs=[])
    return client.AsyncKernelManager(kernel_name="python3", kernel_spec_manager=specs)


def _explain(notebook: Path, cells: Sequence[Cell], document: Any, error: Any) -> ParityError:
    """Say where and how a cell failed: no output, and no secret of the message."""
    done = [cell.get("execution_count") for cell in document.cells]
    place = max((n for n, counted in enumerate(done) if counted is not None), default=0)
    cell = cells[place]
    lines = [
        int(line)
        for counted, line in _PLACE.findall(_COLOUR.sub("", error.traceback))
        if int(counted) == done[place]
    ]
    where = f"cell {cell.number}" if cell.number else "the replay at its end"
    line = f", line {lines[-1]}" if lines and cell.number else ""
    said = redact(_FILE_OF_CELL.sub("", str(error.evalue).partition("\n")[0]))
    return ParityError(
        f"{notebook.name} does not run from top to bottom in a fresh kernel: {where}{line} fails "
        f"with {error.ename}: {said}. Restart the kernel and run all cells, and correct that one; "
        "or tag a cell that is not part of the proof with 'skip-execution'."
    )
