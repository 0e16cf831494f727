"""Where the pipeline of a repository is, and how it is imported."""

from dataclasses import dataclass
from pathlib import Path

from dspipe._text import suggest
from dspipe.errors import PackageError
from dspipe.package._records import BuildSettings


@dataclass(frozen=True, slots=True)
class Place:
    """Where imports start, and what is imported.

    Attributes
    ----------
    root : Path
        The repository; where the working directory and relative paths of settings start.
    import_root : Path
        The folder that imports start from; its files lie at the top of the package.
    module : str
    class_name : str
    """

    root: Path
    import_root: Path
    module: str
    class_name: str

    @property
    def pipeline(self) -> str:
        """The class as the package's settings name it."""
        return f"{self.module}:{self.class_name}"

    def name_of(self, path: Path) -> str:
        """Name a file of the repository in the package."""
        base = self.import_root if path.is_relative_to(self.import_root) else self.root
        return path.relative_to(base).as_posix()


def find_place(settings: BuildSettings) -> Place:
    """Find the pipeline that the settings name.

    Raises
    ------
    PackageError
        If the name has no class, or the file is not there.
    """
    root = settings.root.resolve()
    address, colon, class_name = settings.pipeline.rpartition(":")
    if not colon or not class_name.isidentifier():
        raise PackageError(
            f"The pipeline is set to '{settings.pipeline}', which names no class. Write "
            "file.py:Class or package.module:Class."
        )
    if not address.endswith(".py"):
        return Place(root, root, address, class_name)
    file = root / address
    if not file.is_file():
        names = [path.name for path in file.parent.glob("*.py")] if file.parent.is_dir() else []
        raise PackageError(
            f"There is no file {file}, which 'pipeline' names.{suggest(file.name, names)} "
            "Correct it in [tool.dspipe.deploy]."
        )
    folder, parts = file.parent, [file.stem]
    while (folder / "__init__.py").is_file() and folder != root:
        parts.insert(0, folder.name)
        folder = folder.parent
    return Place(root, folder, ".".join(parts), class_name)
