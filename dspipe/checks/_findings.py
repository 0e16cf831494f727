"""What checks find: rules with a code and a page, findings, and the report of all of them."""

from dataclasses import dataclass, field
from typing import Any, Literal

from dspipe._text import count
from dspipe.checks._places import Fix, Place

Severity = Literal["error", "warning"]
PAGE = "docs/reference/checks.md"


@dataclass(frozen=True, slots=True)
class Rule:
    """One thing that is checked.

    Attributes
    ----------
    code : str
        Stable, such as "G101".
    severity : {"error", "warning"}
        An error fails the check.
    title : str
    """

    code: str
    severity: Severity
    title: str

    @property
    def page(self) -> str:
        """Where it is explained.

        >>> RULES["G101"].page
        'docs/reference/checks.md#g101'
        """
        return f"{PAGE}#{self.code.lower()}"


RULES = {
    rule.code: rule
    for rule in (
        Rule("G001", "warning", "no golden run"),
        Rule("G002", "error", "golden run cannot be replayed"),
        Rule("G101", "error", "this process does not come to the golden run"),
        Rule("G102", "error", "the module does not come to the golden run in a clean process"),
        Rule("G103", "error", "the package does not come to the golden run"),
        Rule("G104", "error", "the source no longer gives the rows of the golden run"),
        Rule("G105", "error", "the notebook does not come to the golden run in a fresh kernel"),
        Rule(
            "G106", "error", "the package does not come to the golden run under Lambda's emulator"
        ),
        Rule("G107", "error", "the deployed function does not come to the golden run"),
        Rule("P101", "error", "answers depend on the size of batches"),
        Rule("P102", "error", "answers or features change when they are made again"),
        Rule("P103", "error", "the rows that a stage is given are modified for others"),
        Rule("P104", "error", "answers depend on the order of rows"),
        Rule("P105", "error", "predictions cannot be written as JSON"),
        Rule("P106", "error", "a row has no answer, or the features do not fit the contract"),
        Rule("P201", "error", "postprocess fails for rows that the contract allows"),
        Rule("S101", "error", "an argument is pasted into a statement"),
        Rule("S102", "warning", "a statement is put together when it runs"),
        Rule("S103", "warning", "a statement holds the value of an argument"),
        Rule("S104", "error", "a statement reads the clock"),
        Rule("S105", "error", "a statement asks for chance"),
        Rule("S106", "warning", "a statement asks for all columns"),
        Rule("S107", "error", "a statement cuts rows without an order"),
        Rule("S108", "error", "a table cannot be read"),
        Rule("S109", "error", "a column is not there"),
        Rule("S110", "error", "a statement writes"),
        Rule("S111", "warning", "every row is paired with every row"),
        Rule("S112", "warning", "a statement cannot be read"),
        Rule("K101", "error", "a secret is written in the code"),
        Rule("K102", "error", "a secret is in an output of the notebook"),
        Rule("D101", "error", "an import is not pinned"),
        Rule("D102", "warning", "a pin is not what is installed here"),
    )
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that a check found.

    Attributes
    ----------
    code : str
    message : str
        Finished sentences.
    golden : str or None
        The golden run it was found with.
    facts : dict
        The parts of the message, for programs: ``station``, ``stage``, ``column``, ``kind``,
        ``n_rows`` where they are known.
    place : Place or None
        The line that it was found on.
    fix : Fix or None
        What ``dspipe check --fix`` would change.
    allowed : str or None
        Why it is allowed, where a comment or the settings say so.
    """

    code: str
    message: str
    golden: str | None = None
    facts: dict[str, Any] = field(default_factory=dict)
    place: Place | None = None
    fix: Fix | None = None
    allowed: str | None = None

    @property
    def rule(self) -> Rule:
        """The rule that was broken."""
        return RULES[self.code]

    def to_dict(self) -> dict[str, Any]:
        """Give everything by name, JSON-safe."""
        return {
            "code": self.code,
            "severity": self.rule.severity,
            "title": self.rule.title,
            "page": self.rule.page,
            "message": self.message,
            "golden": self.golden,
            **self._describe_place(),
            "fix": self.fix.to_dict() if self.fix is not None else None,
            "allowed": self.allowed,
            **self.facts,
        }

    def _describe_place(self) -> dict[str, Any]:
        place = self.place
        if place is None:
            return {}
        return {
            "file": str(place.file),
            "cell": place.cell,
            "line": place.line,
            "snippet": place.snippet,
        }


class Skipped(str):
    """A sentence that says what was not checked, and why; other sentences say what was proven."""

    __slots__ = ()


@dataclass(frozen=True, slots=True, repr=False)
class CheckReport:
    """What all checks of a pipeline came to.

    Attributes
    ----------
    pipeline : str
    findings : tuple of Finding
    done : tuple of str
        What was checked and found right, as sentences.
    skipped : tuple of str
        What was not checked, and why.
    allowed : tuple of Finding
        What was found and is allowed, by a comment or by the settings.
    """

    pipeline: str
    findings: tuple[Finding, ...] = ()
    done: tuple[str, ...] = ()
    skipped: tuple[str, ...] = ()
    allowed: tuple[Finding, ...] = ()

    @property
    def is_passed(self) -> bool:
        """Whether no error was found; warnings do not fail."""
        return all(finding.rule.severity != "error" for finding in self.findings)

    def to_dict(self) -> dict[str, Any]:
        """Give everything by name, JSON-safe."""
        return {
            "pipeline": self.pipeline,
            "passed": self.is_passed,
            "findings": [finding.to_dict() for finding in self.findings],
            "done": list(self.done),
            "skipped": list(self.skipped),
            "allowed": [finding.to_dict() for finding in self.allowed],
        }

    def __repr__(self) -> str:
        state = "passed" if self.is_passed else "failed"
        return f"<CheckReport of {self.pipeline}: {state}, {count(len(self.findings), 'finding')}>"

    def _repr_html_(self) -> str:
        from dspipe.displays import draw_report  # what draws is for notebooks

        return draw_report(self.to_dict())
