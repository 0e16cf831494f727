"""A model repository of a user: a folder under git, deployed by the command line alone."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

GIT_NAME = {
    "GIT_AUTHOR_NAME": "Ann",
    "GIT_AUTHOR_EMAIL": "ann@example.com",
    "GIT_COMMITTER_NAME": "Ann",
    "GIT_COMMITTER_EMAIL": "ann@example.com",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_SYSTEM": os.devnull,
}


@dataclass(frozen=True, slots=True)
class Repository:
    """A clean clone with a pipeline.

    Attributes
    ----------
    folder : Path
        Where it is.
    environment : mapping of str to str
        Variables that its commands get on top of those of this process.
    """

    folder: Path
    environment: Mapping[str, str] = field(default_factory=dict)

    def dspipe(self, command: str, *options: str) -> "subprocess.CompletedProcess[str]":
        """Run a command of dspipe in the folder; a failure is for the test to judge."""
        return self._run(sys.executable, "-m", "dspipe", command, *options)

    def ask(self, *options: str) -> Any:
        """Invoke the deployed function, and read its answer."""
        done = self.dspipe("invoke", *options)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    def commit(self, message: str = "Change") -> None:
        """Commit all that is there."""
        for words in (["add", "--all"], ["commit", "--quiet", "--message", message]):
            done = self._run("git", *words)
            assert done.returncode == 0, done.stderr

    def replace(self, file: str, old: str, new: str) -> None:
        """Change a file, which must hold the old text, and commit."""
        path = self.folder / file
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new), encoding="utf-8")
        self.commit()

    def _run(self, *command: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            command,
            cwd=self.folder,
            env={**os.environ, **GIT_NAME, **self.environment},
            capture_output=True,
            text=True,
            check=False,
            timeout=600,
        )


def make_repository(source: Path, folder: Path, *, ignore: tuple[str, ...] = ()) -> Repository:
    """Copy a folder and put it under git, without what its builds make."""
    shutil.copytree(source, folder, ignore=shutil.ignore_patterns("__pycache__", *ignore))
    (folder / ".gitignore").write_text("build/\n__pycache__/\n")
    repository = Repository(folder)
    done = repository._run("git", "init", "--quiet", "--initial-branch=main")
    assert done.returncode == 0, done.stderr
    return repository
