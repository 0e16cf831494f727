"""The files of a new repository."""

import json
import sys
from collections.abc import Mapping
from datetime import timedelta
from importlib.metadata import PackageNotFoundError, metadata, version
from pathlib import Path
from typing import TYPE_CHECKING

from dspipe._version import __version__
from dspipe.new._first_query import describe_tables
from dspipe.new._notebook import make_notebook
from dspipe.new._template import fill_in

if TYPE_CHECKING:
    from dspipe.new._first_query import FirstQuery
    from dspipe.new._names import Names
    from dspipe.new._source import NewSource

_SAMPLE_DAY = "2026-06-12"
# Of a user's own database: enough rows to look at, the last ones there are.
_FIRST_DAYS = 30
_FIRST_ROWS = 100
_NEEDED = ("pandas", "pydantic", "scikit-learn", "skops", "sqlalchemy")
_EXTRAS = "dspipe[workshop]"


def write_settings(folder: Path, words: Mapping[str, str]) -> None:
    """Write what says where the rows are, which is needed to look at them."""
    _write(folder / "pyproject.toml", fill_in("pyproject.toml", words))


def write_files(folder: Path, names: "Names", words: Mapping[str, str]) -> None:
    """Write all other files of a repository."""
    targets = {
        ".gitattributes": "gitattributes",
        ".github/workflows/check.yml": "check.yml",
        ".gitignore": "gitignore",
        "README.md": "README.md",
        "requirements.in": "requirements.in",
        "tests/conftest.py": "conftest.py",
        f"tests/test_{names.module}.py": "test_module.py",
    }
    for target, template in targets.items():
        _write(folder / target, fill_in(template, words))
    notebook = make_notebook(fill_in("notebook.py", words))
    (folder / f"{names.module}.ipynb").write_bytes(notebook)


def collect_words(names: "Names", source: "NewSource") -> dict[str, str]:
    """Collect what every file may be filled with, whatever is in the database."""
    return {
        "class_name": names.class_name,
        "deployment": names.deployment,
        "dspipe": _find_origin(),
        "module": names.module,
        "requirements": _pin([source.driver, *_NEEDED]),
        "python": f"{sys.version_info.major}.{sys.version_info.minor}",
        "secrets": "yes" if source.hidden else "",
        "title": names.title,
        "url": source.url,
        "url_literal": json.dumps(source.url, ensure_ascii=False),
        "variables": "=... ".join(source.hidden),
    }


def collect_sample_words() -> dict[str, str]:
    """Collect what files say about the sample."""
    return {"sample": "yes", "dates": "yes", **_say_arguments({"day": _SAMPLE_DAY})}


def collect_source_words(query: "FirstQuery") -> dict[str, str]:
    """Collect what files say about a user's own database."""
    arguments: dict[str, str | int] = {"most_rows": _FIRST_ROWS}
    if query.day is not None:
        first = query.day - timedelta(days=_FIRST_DAYS - 1)
        arguments = {"day": first.isoformat(), "n_days": _FIRST_DAYS}
    return {
        "by_day": "" if query.day is None else "yes",
        "by_rows": "yes" if query.day is None else "",
        "dates": "" if query.day is None else "yes",
        "key_literal": json.dumps(query.key, ensure_ascii=False),
        "no_tables": "" if query.tables else "yes",
        "query": query.text,
        "source": "yes",
        "table": query.table_name,
        # Each line of the list is a comment of the script.
        "tables": describe_tables(query.tables).replace("\n", "\n# "),
        **_say_arguments(arguments),
    }


def _say_arguments(arguments: Mapping[str, str | int]) -> dict[str, str]:
    """Write the arguments of a run as Python, TOML and a shell say them."""
    written = {name: json.dumps(value) for name, value in arguments.items()}
    return {
        "arguments": ", ".join(f"{name}={value}" for name, value in written.items()),
        "sample_arguments": ", ".join(f"{name} = {value}" for name, value in written.items()),
        "options": " ".join(f"--{n.replace('_', '-')} {v}" for n, v in arguments.items()),
    }


def _pin(distributions: list[str | None]) -> str:
    """Write a line for each distribution, with the version that is installed where one is."""
    lines = []
    for name in sorted(filter(None, distributions)):
        try:
            lines.append(f"{name}=={version(name.partition('[')[0])}")
        except PackageNotFoundError:
            lines.append(name)
    return "\n".join(lines)


def _find_origin() -> str:
    """Name this dspipe as a requirement: its source, because an index may hold another project."""
    try:
        links = metadata("dspipe").get_all("Project-URL") or []
    except PackageNotFoundError:  # run from a folder, without having been installed
        links = []
    urls = dict(link.split(", ", 1) for link in links)
    home = urls.get("Source")
    return f"{_EXTRAS} @ git+{home}@v{__version__}" if home else f"{_EXTRAS}=={__version__}"


def _write(file: Path, text: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8", newline="\n")
