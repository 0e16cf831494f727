"""What stands between a notebook and its module: one record a problem, with a code and a fix."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from dspipe._text import count
from dspipe.errors import NotebookError


@dataclass(frozen=True, slots=True)
class Problem:
    """One reason why a notebook cannot be read or converted.

    Attributes
    ----------
    code : str
        Stable; explained in docs/reference/convert-problems.md.
    message, fix : str
        Sentences: what is the matter, and what to do about it.
    cell, line, execution_count : int or None
        Where: the cell counted from 1 over all cells, the line in it, and its number in brackets.
    name : str or None
        The name that is concerned.
    source : str or None
        That line of the notebook.
    chain : tuple of str
        Who needs it, from the pipeline on.
    """

    code: str
    message: str
    fix: str
    cell: int | None = None
    line: int | None = None
    execution_count: int | None = None
    name: str | None = None
    source: str | None = None
    chain: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Give the problem as a record that is JSON-safe."""
        return {**asdict(self), "chain": list(self.chain)}

    def draw(self, notebook: str) -> str:
        """Write the problem for a person, in a few lines."""
        lines = [f"{notebook}: {self._place()}{self.code}: {self.message}"]
        if self.source:
            lines.append(f"    | {self.source.strip()}")
        if self.chain:
            lines.append(f"    needed by {' > '.join(self.chain)}")
        return "\n".join([*lines, f"    fix: {self.fix}"])

    def _place(self) -> str:
        if self.cell is None:
            return ""
        counted = f" (In [{self.execution_count}])" if self.execution_count is not None else ""
        line = f", line {self.line}" if self.line is not None else ""
        return f"cell {self.cell}{counted}{line}: "


def make_error(notebook: str, problems: Sequence[Problem]) -> NotebookError:
    """Put all problems of a notebook into one error."""
    drawn = "\n\n".join(problem.draw(notebook) for problem in problems)
    message = (
        f"{notebook} cannot be converted: it has {count(len(problems), 'problem')}. "
        f"Nothing was written.\n\n{drawn}"
    )
    return NotebookError(message, problems=[problem.to_json() for problem in problems])


def refuse(notebook: str, code: str, message: str, fix: str) -> NotebookError:
    """Make the error of a file that cannot be read at all."""
    problem = Problem(code, message, fix)
    return NotebookError(f"{notebook}: {code}: {message} {fix}", problems=[problem.to_json()])
