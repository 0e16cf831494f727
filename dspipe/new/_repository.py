"""Make a model repository: aside, and put in its place when all of it is there."""

import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from dspipe._config import load_config
from dspipe.errors import ConfigurationError, DspipeError
from dspipe.new._files import (
    collect_sample_words,
    collect_source_words,
    collect_words,
    write_files,
    write_settings,
)
from dspipe.new._first_query import FirstQuery, make_first_query, make_query_to_fill_in
from dspipe.new._git import GitState, find_outer_repository, put_under_git
from dspipe.new._names import Names, read_names
from dspipe.new._source import SAMPLE_URL, NewSource, read_source


@dataclass(frozen=True, slots=True)
class Repository:
    """What was made.

    Attributes
    ----------
    folder : Path
    names : Names
    source : NewSource
    table : str or None
        The table that the first query asks; None for the sample, and for a database that did not
        answer.
    silence : str or None
        Why a database did not answer.
    arguments : str
        A first run's, as options of the command line.
    git : GitState
    outer : Path or None
        The repository that the folder lies in.
    """

    folder: Path
    names: Names
    source: NewSource
    table: str | None
    silence: str | None
    arguments: str
    git: GitState
    outer: Path | None

    @property
    def is_sample(self) -> bool:
        """Whether the rows are a sample, and not the user's own."""
        return self.source.url == SAMPLE_URL


def make_repository(folder: Path, *, source: str | None = None) -> Repository:
    """Make a model repository.

    Parameters
    ----------
    folder : Path
        Its last part is the name. Made when absent; refused when anything is in it.
    source : str, optional
        The url of a database; a sample is made when it is not given.

    Returns
    -------
    Repository

    Raises
    ------
    ConfigurationError
        If the name or the url cannot be used, or the folder is not empty.
    MissingExtraError
        If DuckDB is not installed, which the sample is written with.

    Notes
    -----
    After a failure nothing is left.
    """
    names = read_names(folder.name)
    folder = folder.absolute()
    _check_empty(folder)
    given = NewSource(SAMPLE_URL) if source is None else read_source(source, names.module, folder)
    aside = folder.with_name(f".{folder.name}.{os.getpid()}.part")
    aside.mkdir(parents=True)
    try:
        made = _fill(aside, folder, names, given)
        if folder.exists():
            folder.rmdir()
        aside.replace(folder)
    except BaseException:
        shutil.rmtree(aside, ignore_errors=True)
        raise
    return made


def _check_empty(folder: Path) -> None:
    if folder.is_dir() and not any(folder.iterdir()):
        return
    if folder.exists() or folder.is_symlink():
        what = "is not empty" if folder.is_dir() else "is a file"
        raise ConfigurationError(
            f"{folder} {what}, and nothing is overwritten. Choose another name, or remove it."
        )


def _fill(aside: Path, folder: Path, names: Names, source: NewSource) -> Repository:
    query, silence = None, None
    words = collect_words(names, source)
    if source.url == SAMPLE_URL:
        _write_sample(aside)
        words |= collect_sample_words()
    else:
        query, silence = _look(aside, words, source)
        words |= collect_source_words(query)
    write_settings(aside, words)
    write_files(aside, names, words)
    outer = find_outer_repository(folder)
    message = f"Start {names.deployment} from the template of dspipe"
    return Repository(
        folder=folder,
        names=names,
        source=source,
        table=query.table_name if query and query.tables else None,
        silence=silence,
        arguments=words["options"],
        git=GitState.INSIDE if outer else put_under_git(aside, message),
        outer=outer,
    )


def _write_sample(folder: Path) -> None:
    from dspipe.demo import write_sample

    write_sample(folder / SAMPLE_URL.removeprefix("duckdb:///"))


def _look(folder: Path, words: dict[str, str], source: NewSource) -> tuple[FirstQuery, str | None]:
    """Look at the database through the very settings that the repository will have."""
    first = make_query_to_fill_in()
    write_settings(folder, {**words, **collect_source_words(first)})
    try:
        config = load_config(folder, environ={**os.environ, **source.hidden})
        return make_first_query(config), None
    except DspipeError as error:
        return first, str(error)
