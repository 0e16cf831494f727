"""Which cells of a notebook ship, and why the others do not: what `convert` would do, by cell."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import groupby
from pathlib import Path
from typing import Literal

from dspipe._text import count, quote_some
from dspipe.notebooks._convert import judge
from dspipe.notebooks._index import Index
from dspipe.notebooks._problems import Problem, make_error
from dspipe.notebooks._reading import Cell, Notebook
from dspipe.notebooks._slice import Slice
from dspipe.notebooks._statements import Statement, cut
from dspipe.notebooks._target import find_target
from dspipe.notebooks._warnings import list_warnings
from dspipe.notebooks._writer import list_segments

Verdict = Literal["ships", "ships in part", "stays", "refused"]
_LONGEST_LINE = 60


@dataclass(frozen=True, slots=True)
class CellVerdict:
    """What becomes of one cell.

    Attributes
    ----------
    number : int
        Counted from 1 over all cells, of text too.
    execution_count : int or None
    first_line : str
    verdict : {"ships", "ships in part", "stays", "refused"}
    reasons : tuple of str
        Sentences; none for a cell that ships as it is.
    """

    number: int
    execution_count: int | None
    first_line: str
    verdict: Verdict
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, repr=False)
class CellReport:
    """What becomes of every cell of a notebook.

    Attributes
    ----------
    notebook : str
    class_name : str
        The pipeline.
    cells : tuple of CellVerdict
        The cells of code, in the order of the document.
    remarks : tuple of str
        What concerns the notebook as a whole.
    """

    notebook: str
    class_name: str
    cells: tuple[CellVerdict, ...]
    remarks: tuple[str, ...] = ()

    @property
    def is_convertible(self) -> bool:
        """Whether no cell is refused."""
        return all(cell.verdict != "refused" for cell in self.cells)

    def __str__(self) -> str:
        lines = [f"{self.class_name} of {self.notebook}"]
        for cell in self.cells:
            lines.append(f"  cell {cell.number:>3}  {cell.verdict:<13}  {cell.first_line}")
            lines += [f"{'':26}{reason}" for reason in cell.reasons]
        return "\n".join([*lines, *self.remarks])

    def __repr__(self) -> str:
        shipped = sum(cell.verdict.startswith("ships") for cell in self.cells)
        state = f"{shipped} of {count(len(self.cells), 'cell')} ship"
        return f"<CellReport of {self.notebook}: {state}>"

    def _repr_html_(self) -> str:
        from dspipe.displays import draw_cells  # what draws is for notebooks

        return draw_cells(
            title=self.class_name,
            notebook=self.notebook,
            cells=[asdict(cell) for cell in self.cells],
            remarks=self.remarks,
        )


def judge_cells(
    notebook: Notebook,
    folder: Path,
    *,
    class_name: str | None = None,
    remarks: Sequence[str] = (),
) -> CellReport:
    """Say of every cell whether it would ship, and why not.

    Parameters
    ----------
    notebook : Notebook
    folder : Path
        Where it lies: modules beside it are looked up there.
    class_name : str, optional
        The pipeline, where a notebook defines several.
    remarks : sequence of str
        What is known of the notebook already.

    Raises
    ------
    NotebookError
        If it cannot be told which class is meant.
    """
    index = Index(cut(notebook), folder)
    target = find_target(index, class_name)
    if isinstance(target, Problem):
        raise make_error(notebook.name, [target])
    name: str = target.node.name  # type: ignore[attr-defined] # a class has one
    chosen, problems = judge(index, target, folder)
    whole = [f"{each.code}: {each.message} {each.fix}" for each in problems if each.cell is None]
    warnings = () if problems else list_warnings(index, chosen)
    judge_one = _CellJudge(index, chosen, problems, name)
    cells = tuple(judge_one(cell) for cell in notebook.cells)
    return CellReport(notebook.name, name, cells, (*remarks, *whole, *warnings))


class _CellJudge:
    """Knows the slice, and says what it has of a cell."""

    def __init__(
        self, index: Index, chosen: Slice, problems: Sequence[Problem], class_name: str
    ) -> None:
        self._index = index
        self._problems = problems
        self._class_name = class_name
        # Imports are narrowed to what is read of them; other statements ship as they are written.
        self._shipped: Mapping[int, bool] = {
            each.statement.index: each.is_verbatim for each in list_segments(index, chosen)
        }

    def __call__(self, cell: Cell) -> CellVerdict:
        verdict, reasons = self._judge(cell)
        return CellVerdict(
            cell.number, cell.execution_count, _first_line(cell.source), verdict, reasons
        )

    def _judge(self, cell: Cell) -> tuple[Verdict, tuple[str, ...]]:
        refused = tuple(_explain(each) for each in self._problems if each.cell == cell.number)
        if refused:
            return "refused", refused
        statements = [each for each in self._index.statements if each.cell is cell]
        shipped = [each for each in statements if each.index in self._shipped]
        if not shipped:
            return "stays", (self._explain_stay(cell, statements),)
        if len(shipped) == len(statements) and all(self._shipped[s.index] for s in shipped):
            return "ships", ()
        return "ships in part", (self._explain_part(statements),)

    def _explain_part(self, statements: list[Statement]) -> str:
        kept = [each for each in statements if each.index in self._shipped]
        narrowed = [each for each in kept if not self._shipped[each.index]]
        told = f"{_lines_of(kept)} ship{'s' * (len(kept) == 1)}"
        if narrowed:
            told += f", of the import only what {self._class_name} reads"
        if len(kept) == len(statements):
            return f"{told}."
        return f"{told}; {self._class_name} does not need the rest."

    def _explain_stay(self, cell: Cell, statements: list[Statement]) -> str:
        if not cell.source.strip():
            return "It is empty."
        if statements and all(each.tag == "skip" for each in statements):
            return "It is marked with 'dspipe: skip'."
        opaque = next((each for each in self._index.code.opaque if each.cell is cell), None)
        if not statements:
            return f"Exploration: {opaque.reason}." if opaque else "It holds comments only."
        names = dict.fromkeys(
            name for each in statements for name in self._index.facts[each.index].bindings
        )
        if not names:
            return "Exploration: it defines nothing."
        return f"{self._class_name} does not need {quote_some(names)}."


def _explain(problem: Problem) -> str:
    line = f", line {problem.line}" if problem.line is not None else ""
    chain = f" Needed by {' > '.join(problem.chain)}." if problem.chain else ""
    return f"{problem.code}{line}: {problem.message}{chain} Fix: {problem.fix}"


def _first_line(source: str) -> str:
    lines = [line.strip() for line in source.split("\n") if line.strip()]
    first = next((line for line in lines if not line.startswith("#")), lines[0] if lines else "")
    return first if len(first) <= _LONGEST_LINE else f"{first[: _LONGEST_LINE - 1]}…"


def _lines_of(statements: list[Statement]) -> str:
    """Name the lines of statements: ``Line 1``, or ``Lines 1 to 3 and 7``."""
    numbers = {
        number
        for each in statements
        for number in range(each.text_line, (each.node.end_lineno or each.line) + 1)
    }
    spans = [f"{low} to {high}" if high > low else str(low) for low, high in _spans(numbers)]
    listed = " and ".join([", ".join(spans[:-1]), spans[-1]] if spans[1:] else spans)
    return f"Line{'s' * (len(numbers) > 1)} {listed}"


def _spans(numbers: set[int]) -> Iterator[tuple[int, int]]:
    ordered = enumerate(sorted(numbers))
    for _, group in groupby(ordered, key=lambda pair: pair[1] - pair[0]):
        members = [number for _, number in group]
        yield members[0], members[-1]
