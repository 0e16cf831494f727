"""The records of a build: what is wanted, what was made, what is known about it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal

Architecture = Literal["x86_64", "arm64"]
Format = Literal["zip", "image"]
Python = Literal["3.12", "3.13", "3.14"]

_NOTHING: Mapping[str, int] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class BuildSettings:
    """What a package is built from.

    Attributes
    ----------
    root : Path
        Folder of the model repository, which holds the pipeline.
    name : str
        Name of the deployment, such as "flights".
    pipeline : str
        ``file.py:Class``, with the file relative to `root`, or ``package.module:Class``.
    python : str
        Minor version of Lambda's Python.
    architecture : {"x86_64", "arm64"}
    lock : Path, optional
        Exact versions with hashes, as pip-compile and uv write them; relative to `root`.
    include : tuple of str
        Patterns of more files to ship, relative to `root`, such as ``"rules/*.csv"``.
    sample : mapping of str to object, optional
        Arguments of a run that is made here and must come out the same in the package; without
        one the package is only imported.
    accept_rows : bool
        Whether the function scores rows that a caller gives.
    format : {"auto", "zip", "image"}
        "auto" takes a zip when it fits.
    variables : tuple of str
        Names of the variables that the function will have; only so that nothing is asked for that
        is set already.
    strip : bool
        Leave the symbol tables of compiled libraries out, which only debuggers read.
    out : Path, optional
        Where builds go; ``build/dspipe`` under `root` when not given.

    Examples
    --------
    >>> settings = BuildSettings(root=Path("/flights"), name="flights", pipeline="pipeline.py:Late")
    >>> settings.folder.as_posix(), settings.lock_file.as_posix()
    ('/flights/build/dspipe/flights', '/flights/requirements.lock')
    """

    root: Path
    name: str
    pipeline: str
    python: str = "3.13"
    architecture: Architecture = "x86_64"
    lock: Path = Path("requirements.lock")
    include: tuple[str, ...] = ()
    sample: Mapping[str, object] | None = None
    accept_rows: bool = False
    format: Literal["auto", "zip", "image"] = "auto"
    strip: bool = True
    variables: tuple[str, ...] = ()
    out: Path | None = None

    @property
    def folder(self) -> Path:
        """Where this package goes."""
        return self._out / self.name

    @property
    def cache(self) -> Path:
        """Where installed distributions are kept, for all packages of the repository."""
        return self._out / "cache"

    @property
    def lock_file(self) -> Path:
        """The lock."""
        return self.root.resolve() / self.lock

    @property
    def _out(self) -> Path:
        return self.root.resolve() / (self.out or Path("build", "dspipe"))


@dataclass(frozen=True, slots=True)
class Sample:
    """A run that every copy of the pipeline must come to.

    Attributes
    ----------
    event : dict
        The event that asks the function for it: given rows where the function accepts them, else
        the arguments.
    answer : dict
        What the run made here came to: ``predictions`` and ``rejected``, as the function answers.
    """

    event: Mapping[str, Any]
    answer: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Part:
    """One distribution in a package.

    Attributes
    ----------
    name : str
        Name and version, "your code", or "dspipe".
    size_bytes : int
        Unzipped, with its bytecode.
    bytecode_bytes : int
    """

    name: str
    size_bytes: int
    bytecode_bytes: int = 0


@dataclass(frozen=True, slots=True)
class ImportTime:
    """How long one top-level package took to import, without what it imports itself."""

    name: str
    seconds: float


@dataclass(frozen=True, slots=True)
class Report:
    """What is known about a package before it is uploaded.

    Attributes
    ----------
    parts : tuple of Part
        Distributions, largest first; together they are the whole package.
    removed : mapping of str to int
        Bytes that were left out of the distributions, by reason.
    imports : tuple of ImportTime
        Longest first; empty where the package cannot run on this machine.
    init_seconds : float or None
        Time from nothing to a handler that is ready; None where it could not be measured.
    proof : str
        What was proven, or why nothing was.
    notes : tuple of str
        What else a reader should know: choice of the format, what to drop.
    """

    parts: tuple[Part, ...] = ()
    removed: Mapping[str, int] = field(default_factory=lambda: _NOTHING)
    imports: tuple[ImportTime, ...] = ()
    init_seconds: float | None = None
    proof: str = ""
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Package:
    """A pipeline, ready to be uploaded.

    Attributes
    ----------
    name : str
        Name of the deployment.
    folder : Path
        The files as they will lie in the task folder; for an image its build context.
    file : Path or None
        The zip; None for an image.
    format : {"zip", "image"}
    digest : str
        SHA-256 of the names and contents of all files, in hexadecimal: equal for equal inputs.
    code_sha256 : str or None
        SHA-256 of the zip in base64, as Lambda writes it.
    size_bytes : int
        All files, unzipped.
    zip_bytes : int or None
    python : str
    architecture : {"x86_64", "arm64"}
    commit : str or None
        Commit of the repository; None outside of one.
    is_dirty : bool
        Whether files of the repository differ from that commit.
    is_proven : bool
        Whether the package ran here and came to the same predictions.
    sample : Sample or None
        None when no sample is set.
    report : Report
    n_seconds : float
        How long the build took.
    """

    name: str
    folder: Path
    file: Path | None
    format: Format
    digest: str
    code_sha256: str | None
    size_bytes: int
    zip_bytes: int | None
    python: str
    architecture: Architecture
    commit: str | None
    is_dirty: bool
    is_proven: bool
    sample: Sample | None = None
    report: Report = field(default_factory=Report, repr=False)
    n_seconds: float = 0.0

    def __repr__(self) -> str:
        size = (self.zip_bytes or self.size_bytes) / 1e6
        return f"<Package {self.name}: {self.format} {self.digest[:12]}, {size:.1f} MB>"
