"""Make Python of what IPython takes, line for line, and remember what was not Python.

A cell that is Python as it stands is left alone, so nothing in a string is ever taken for a magic.
In other cells a magic is only looked for where a statement can begin.
"""

import ast
import re
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field

_IN_NAMESPACE = ("time", "capture", "prun")
_ESCAPED = re.compile(r"^(\s*)(%%?|!!?|\?\??)(.*)$", re.DOTALL)
_TIMED = re.compile(r"^(\s*)%(?:time|prun)\s+(?!-)(\S.*)$", re.DOTALL)
_ASSIGNED = re.compile(r"^(\s*[^\W\d][\w.,\s\[\]'\"*()]*?)\s*=\s*[!%](?!=).*$", re.DOTALL)
_HELP = re.compile(r"^(\s*)%{0,2}[\w.*\[\]'\"()]+\?{1,2}\s*;?\s*$")
_PROMPT = re.compile(r"^\s*(>>> ?|\.\.\.(?: |$)|In \[\d+\]: ?|   \.\.\.+: ?)")


@dataclass(frozen=True, slots=True)
class Plain:
    """A cell as Python.

    Attributes
    ----------
    text : str
        As many lines as the cell has.
    tree : ast.Module or None
        None for a cell that is not Python.
    magics : mapping of int to str
        What stood in a line that was changed.
    reason : str
        Why there is no tree.
    """

    text: str
    tree: ast.Module | None
    magics: Mapping[int, str] = field(default_factory=dict)
    reason: str = ""


def to_python(source: str) -> Plain:
    """Read a cell as Python, with its magics taken out.

    Examples
    --------
    >>> to_python("files = !ls").text
    'files = ...'
    >>> to_python("sql = 'select 1'").magics
    {}
    """
    tree = parse(source)
    if isinstance(tree, ast.Module):
        return Plain(source, tree)
    lines = _strip_indent(_strip_prompts(source.split("\n")))
    first = next((at for at, line in enumerate(lines) if line.strip()), 0)
    if lines[first].startswith("%%"):
        name = re.split(r"\W", lines[first][2:], maxsplit=1)[0]
        if name not in _IN_NAMESPACE:
            return Plain(source, None, {first + 1: lines[first]}, f"it is a cell of %%{name}")
        lines[first] = ""
    magics = _take_out(lines)
    text = "\n".join(lines)
    tree = parse(text)
    if isinstance(tree, ast.Module):
        return Plain(text, tree, magics)
    return Plain(source, None, magics, f"Python does not read it: {tree}")


def parse(text: str) -> ast.Module | str:
    """Parse Python, or say why that cannot be done; what Python warns of is not our matter."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return ast.parse(text)
        except SyntaxError as error:
            place = f" (line {error.lineno})" if error.lineno else ""
            return f"{error.msg}{place}"
        except (ValueError, RecursionError, MemoryError) as error:
            return str(error)


def _strip_prompts(lines: list[str]) -> list[str]:
    first = next((line for line in lines if line.strip()), "")
    if not _PROMPT.match(first):
        return lines
    return [_PROMPT.sub("", line) for line in lines]


def _strip_indent(lines: list[str]) -> list[str]:
    """Take away what the first line is indented by, as IPython does."""
    first = next((line for line in lines if line.strip()), "")
    indent = first[: len(first) - len(first.lstrip())]
    return [line.removeprefix(indent) for line in lines]


def _take_out(lines: list[str]) -> dict[int, str]:
    """Replace every magic in place; brackets, strings and continued lines hide what is in them."""
    magics: dict[int, str] = {}
    quote, depth, is_continued = "", 0, False
    at = 0
    while at < len(lines):
        if not quote and not depth and not is_continued and (plain := _replace(lines[at])):
            magics[at + 1] = lines[at].strip()
            is_more = lines[at].endswith("\\")
            lines[at] = plain
            while is_more and at + 1 < len(lines):
                at += 1
                is_more = lines[at].endswith("\\")
                magics[at + 1], lines[at] = lines[at].strip(), ""
        else:
            quote, depth = _scan(lines[at], quote, depth)
            is_continued = not quote and lines[at].endswith("\\")
        at += 1
    return magics


def _replace(line: str) -> str | None:
    if timed := _TIMED.match(line):
        return timed[1] + timed[2]
    if escaped := _ESCAPED.match(line):
        return f"{escaped[1]}pass"
    if assigned := _ASSIGNED.match(line):
        return f"{assigned[1]} = ..."
    if asked := _HELP.match(line):
        return f"{asked[1]}pass"
    return None


def _scan(line: str, quote: str, depth: int) -> tuple[str, int]:
    """Follow strings and brackets through a line."""
    at = 0
    while at < len(line):
        char = line[at]
        if quote and char == "\\":
            at += 2
        elif quote and line.startswith(quote, at):
            at, quote = at + len(quote), ""
        elif quote:
            at += 1
        elif char == "#":
            break
        elif char in "'\"":
            quote = char * 3 if line.startswith(char * 3, at) else char
            at += len(quote)
        else:
            depth = max(0, depth + (char in "([{") - (char in ")]}"))
            at += 1
    is_open = len(quote) == len('"""') or (quote and line.endswith("\\"))
    return (quote if is_open else ""), depth
