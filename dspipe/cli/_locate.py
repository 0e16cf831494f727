"""Find the pipeline that a user names: ``file.py``, ``file.py:Class``, ``package.module:Class``."""

import importlib
import importlib.util
import inspect
import linecache
import sys
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

from dspipe._text import quote_some, suggest
from dspipe.errors import ConfigurationError

if TYPE_CHECKING:
    from dspipe import PredictionPipeline


class PipelineNotFoundError(ConfigurationError):
    """Is raised when a name on the command line leads to no single pipeline."""


def load_pipeline(place: str) -> "type[PredictionPipeline]":
    """Load the pipeline class that `place` names.

    Parameters
    ----------
    place : str
        ``file.py``, ``file.py:Class``, ``package.module`` or ``package.module:Class``, or the same
        of a notebook, of which the module that it converts to is loaded. The class may be left out
        when there is only one. The folder that imports start from goes on ``sys.path``.

    Raises
    ------
    PipelineNotFoundError
        If there is no such file, module or class, or the choice is open.
    Exception
        What the user's own file raises while it is loaded.
    """
    address, class_name = _split(place)
    if address.endswith(".ipynb"):
        return _load_notebook(Path(address), class_name)
    is_file = address.endswith(".py") or "/" in address or "\\" in address
    module = _load_file(Path(address)) if is_file else _load_module(address)
    return _choose(_find_pipelines(module), class_name, address)


def _split(place: str) -> tuple[str, str | None]:
    address, colon, name = place.rpartition(":")
    return (address, name) if colon and address and name.isidentifier() else (place, None)


def _load_notebook(file: Path, class_name: str | None) -> "type[PredictionPipeline]":
    """Load the module that a notebook converts to, whether or not it was written yet."""
    from dspipe.notebooks import convert

    if not file.is_file():
        raise PipelineNotFoundError(f"There is no file {file}.{_suggest_file(file)}")
    conversion = convert(file, class_name=class_name)
    place = conversion.module.resolve()
    _put_on_path(place.parent)
    name = place.stem
    if name in sys.modules and not _is_from(sys.modules[name], place):
        name = f"{name}_pipeline"
    module = ModuleType(name)
    module.__file__ = str(place)  # SQL files and settings are looked for beside it
    lines = conversion.text.splitlines(keepends=True)
    linecache.cache[str(place)] = (len(conversion.text), None, lines, str(place))
    sys.modules[name] = module
    try:
        exec(compile(conversion.text, str(place), "exec"), vars(module))  # noqa: S102 - the user's own code
    except BaseException:
        del sys.modules[name]
        raise
    found: type[PredictionPipeline] = vars(module)[conversion.class_name]
    return found


def _load_file(file: Path) -> ModuleType:
    if not file.is_file():
        raise PipelineNotFoundError(f"There is no file {file}.{_suggest_file(file)}")
    root, name = _find_root(file.resolve())
    _put_on_path(root)
    if "." in name:  # a file inside a package, whose relative imports need the package
        return importlib.import_module(name)
    if name in sys.modules and not _is_from(sys.modules[name], file):
        name = f"{name}_pipeline"  # the user's file must not take the place of a loaded library
    spec = importlib.util.spec_from_file_location(name, file.resolve())
    if spec is None or spec.loader is None:
        raise PipelineNotFoundError(f"{file} is not a Python file. Name a file that ends in .py.")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[name]
        raise
    return module


def _load_module(name: str) -> ModuleType:
    _put_on_path(Path.cwd())
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        # A module that the user's own module misses is another matter, and not ours to explain.
        if error.name is None or not f"{name}.".startswith(f"{error.name}."):
            raise
        beside = Path(f"{name}.py")
        hint = f" Did you mean '{beside}'?" if beside.is_file() else ""
        raise PipelineNotFoundError(
            f"There is no module '{name}' on the path of Python. Name a pipeline as file.py, "
            f"file.py:Class or package.module:Class.{hint}"
        ) from error


def _find_root(file: Path) -> tuple[Path, str]:
    """Give the folder that imports start from, and the module's name there."""
    folder, parts = file.parent, [file.stem]
    while (folder / "__init__.py").is_file():
        parts.insert(0, folder.name)
        folder = folder.parent
    return folder, ".".join(parts)


def _put_on_path(folder: Path) -> None:
    if str(folder) not in sys.path:
        sys.path.insert(0, str(folder))


def _is_from(module: ModuleType, file: Path) -> bool:
    origin = getattr(module, "__file__", None)
    return origin is not None and Path(origin) == file.resolve()


def _suggest_file(file: Path) -> str:
    names = (
        [path.name for path in file.parent.glob(f"*{file.suffix or '.py'}")]
        if file.parent.is_dir()
        else []
    )
    return suggest(file.name, names)


def _find_pipelines(module: ModuleType) -> "dict[str, type[PredictionPipeline]]":
    """List the pipelines a module defines; when it defines none, those it imports."""
    from dspipe import PredictionPipeline

    found = {
        name: value
        for name, value in vars(module).items()
        if inspect.isclass(value)
        and issubclass(value, PredictionPipeline)
        and not inspect.isabstract(value)
        and not name.startswith("_")
    }
    own = {name: value for name, value in found.items() if value.__module__ == module.__name__}
    return own or found


def _choose(
    found: "dict[str, type[PredictionPipeline]]", class_name: str | None, address: str
) -> "type[PredictionPipeline]":
    if not found:
        raise PipelineNotFoundError(
            f"{address} defines no pipeline. Write a class that subclasses PredictionPipeline."
        )
    names = quote_some(found)
    if class_name is None and len(found) > 1:
        raise PipelineNotFoundError(
            f"{address} defines {len(found)} pipelines: {names}. "
            f"Name one, such as {address}:{next(iter(found))}."
        )
    if class_name is not None and class_name not in found:
        raise PipelineNotFoundError(
            f"{address} defines no pipeline '{class_name}'. It defines: {names}."
            f"{suggest(class_name, found)}"
        )
    return found[class_name or next(iter(found))]
