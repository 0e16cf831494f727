"""A whole build, with wheels made by hand, for a machine that this one is not."""

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from zipfile import ZipFile

import pytest
from package.wheelhouse import Repository, find_foreign, make_repository

from dspipe.errors import PackageError
from dspipe.package import Package, build, load_package, write_report
from dspipe.package._archive import hash_file


def read_names(file: Path) -> set[str]:
    """List the files of a zip, without dspipe's own."""
    with ZipFile(file) as archive:
        return {name for name in archive.namelist() if not name.startswith("dspipe/")}


def git(folder: Path, *words: str) -> str:
    """Run git as somebody."""
    who = ["-c", "user.name=ann", "-c", "user.email=ann@example.org"]
    done = subprocess.run(
        ["git", *who, *words],  # noqa: S607 - the git of the PATH is meant
        cwd=folder,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.strip()


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Repository, Package]]:
    """Build a committed repository once, for the tests that only look."""
    with pytest.MonkeyPatch.context() as monkeypatch:
        repository = make_repository(tmp_path_factory.mktemp("built"), monkeypatch)
        commit_all(repository)
        yield repository, build(repository.settings())


def commit_all(repository: Repository) -> str:
    """Commit every file, and give the commit."""
    git(repository.root, "init", "-q")
    git(repository.root, "add", "-A")
    git(repository.root, "commit", "-q", "-m", "all")
    return git(repository.root, "rev-parse", "HEAD")


def test_package_holds_what_the_pipeline_uses_and_nothing_else(
    built: tuple[Repository, Package],
) -> None:
    """Imported modules, also inside functions, and opened files ship; secrets and tests do not."""
    _, package = built

    assert package.file is not None
    tag = package.python.replace(".", "")
    names = {name for name in read_names(package.file) if ".dist-info/" not in name}
    code = {"large.py", "names.txt", "shop/__init__.py", "shop/prices.py", "shop/rates.py"}
    assert {name for name in names if "__pycache__" not in name} == {
        *code,
        *{"dspipe.json", "pyproject.toml", "rows.json"},
        *{"pandas/__init__.py", "pydantic/__init__.py", "sqlalchemy/__init__.py"},
        "pydantic/tests/test_x.py",  # not known to be needless, as those of pandas are
    }
    assert f"__pycache__/large.cpython-{tag}.pyc" in names
    assert f"pandas/__pycache__/__init__.cpython-{tag}.pyc" in names


def test_package_ships_of_dspipe_what_lambda_runs(built: tuple[Repository, Package]) -> None:
    """The workshop stays where it is, and dspipe weighs less than a megabyte."""
    _, package = built

    assert package.file is not None
    with ZipFile(package.file) as archive:
        ours = [item for item in archive.infolist() if item.filename.startswith("dspipe/")]
    rooms = {item.filename.split("/")[1] for item in ours}
    assert {"aws_lambda", "errors.py", "sources", "predictors"} <= rooms
    assert rooms.isdisjoint({"cells", "cli", "demo", "deploy", "displays", "package", "testing"})
    assert "__main__.py" not in rooms
    assert sum(item.file_size for item in ours) < 1_000_000


def test_build_gives_the_same_bytes_when_inputs_are_the_same(repository: Repository) -> None:
    """A build from nothing and a build from the cache are one and the same."""
    first = build(repository.settings(out=Path("one")))
    cached = build(repository.settings(out=Path("one")))
    second = build(repository.settings(out=Path("two")))

    assert first.digest == cached.digest == second.digest
    assert first.code_sha256 == cached.code_sha256 == second.code_sha256


def test_build_puts_a_folder_in_order_that_somebody_has_changed(repository: Repository) -> None:
    """What is there already stays; what is missing, foreign or another file is put right."""
    before = build(repository.settings())
    (before.folder / "pandas" / "__init__.py").unlink()
    (before.folder / "sqlalchemy" / "__init__.py").unlink()
    (before.folder / "sqlalchemy" / "__init__.py").write_text("x = 2\n", encoding="utf-8")
    (before.folder / "stray.py").write_text("x = 3\n", encoding="utf-8")

    after = build(repository.settings())

    assert after.digest == before.digest
    assert (after.folder / "pandas" / "__init__.py").read_text(encoding="utf-8") == "x = 1\n"
    assert (after.folder / "sqlalchemy" / "__init__.py").read_text(encoding="utf-8") == "x = 1\n"
    assert not (after.folder / "stray.py").exists()


def test_build_installs_nothing_when_only_code_changed(repository: Repository) -> None:
    """The distributions of an unchanged lock come from the cache."""
    steps: list[str] = []
    before = build(repository.settings(), on_step=steps.append)
    repository.write("shop/rates.py", "RATE = 3.0\n")

    after = build(repository.settings(), on_step=steps.append)

    assert [step for step in steps if step.startswith(("Install", "Slim"))] == [
        "Install 3 distributions",
        "Slim them",
    ]
    assert after.digest != before.digest


def test_package_says_what_is_in_it(built: tuple[Repository, Package]) -> None:
    """The record has sizes, commit, sample and an honest proof; the zip is the one it names."""
    repository, package = built

    foreign = find_foreign()
    assert package.commit == git(repository.root, "rev-parse", "HEAD")
    assert (package.is_dirty, package.is_proven, package.format) == (False, False, "zip")
    assert package.report.proof == (
        f"Not proven: this machine cannot run {foreign} for Lambda's Linux."
    )
    assert package.report.notes == (
        "The source 'default' is the file duckdb:///data/x.duckdb, which is not in the package. "
        "Set DSPIPE_SOURCE_DEFAULT in [tool.dspipe.deploy.environment] or "
        "[tool.dspipe.deploy.secrets].",
    )
    assert sum(part.size_bytes for part in package.report.parts) == package.size_bytes
    assert {part.name for part in package.report.parts} == {
        *{"dspipe", "your code", "pandas 3.1.1", "pydantic 2.14.3", "sqlalchemy 2.1.9"}
    }
    assert package.file is not None
    assert package.code_sha256 == hash_file(package.file)
    assert package.zip_bytes == package.file.stat().st_size


def test_package_settings_name_commit_and_changes(repository: Repository) -> None:
    """The handler is told where it comes from; a changed file shows."""
    commit_all(repository)
    repository.write("shop/rates.py", "RATE = 3.0\n")

    package = build(repository.settings())

    commit = git(repository.root, "rev-parse", "HEAD")
    assert package.is_dirty
    assert json.loads((package.folder / "dspipe.json").read_text(encoding="utf-8")) == {
        "format": 1,
        "name": "large",
        "pipeline": "large:Large",
        "commit": f"{commit}-modified",
        "accept_rows": True,
        "rows": "rows.json",
    }


def test_sample_is_the_run_made_here_when_rows_are_accepted(
    built: tuple[Repository, Package],
) -> None:
    """A deployed function can be asked for the same rows, and must give the same answer."""
    _, package = built

    assert package.sample is not None
    assert package.sample.event == {
        "arguments": {"n": 3},
        "columns": {"id": ["ann", "bob", "cy"], "size": [0.0, 1.0, 2.0]},
    }
    assert package.sample.answer == {
        "predictions": [
            {"id": "ann", "prediction": 0.0},
            {"id": "bob", "prediction": 0.1},
            {"id": "cy", "prediction": 0.2},
        ],
        "rejected": [],
    }


def test_sample_expects_no_values_when_rows_are_not_accepted(repository: Repository) -> None:
    """Another database has other rows, so only that it answers can be expected."""
    package = build(repository.settings(accept_rows=False))

    assert package.sample is not None
    assert package.sample.event == {"arguments": {"n": 3}}
    assert package.sample.answer == {}


def test_image_is_a_whole_build_context(repository: Repository) -> None:
    """Dockerfile, lock and the files themselves; nothing has to be installed while it is built."""
    package = build(repository.settings(format="image", architecture="arm64"))

    assert (package.format, package.file, package.code_sha256) == ("image", None, None)
    assert {path.name for path in package.folder.iterdir()} == {
        "Dockerfile",
        "requirements.lock",
        "task",
    }
    dockerfile = (package.folder / "Dockerfile").read_text(encoding="utf-8").splitlines()
    assert dockerfile[0] == (
        "# docker build --platform linux/arm64 --provenance=false --tag large ."
    )
    assert dockerfile[2:] == [
        "FROM ${BASE}",
        "COPY task/ ${LAMBDA_TASK_ROOT}/",
        'CMD ["dspipe.aws_lambda.handler"]',
    ]
    assert (package.folder / "task" / "dspipe.json").is_file()


def test_saved_package_is_the_package(built: tuple[Repository, Package]) -> None:
    """A build made elsewhere is deployed from its folder, its record or its zip."""
    _, package = built

    assert package.file is not None
    assert load_package(package.file) == package
    assert load_package(package.file.parent) == package
    assert write_report(load_package(package.file)) == write_report(package)


def test_load_refuses_a_zip_that_was_changed(repository: Repository) -> None:
    """Bytes that nobody proved are not deployed."""
    package = build(repository.settings())
    assert package.file is not None
    package.file.write_bytes(b"other")

    with pytest.raises(PackageError) as caught:
        load_package(package.file)

    assert str(caught.value) == (
        f"{package.file} is not the zip that was built: it is missing or was changed. Build it "
        "anew with dspipe build."
    )


def test_build_refuses_when_the_sample_fails(repository: Repository) -> None:
    """A pipeline that does not work here is not packed; its own error is told, with its place."""
    repository.write("shop/rates.py", "RATE = None\n")

    with pytest.raises(PackageError) as caught:
        build(repository.settings())

    lines = str(caught.value).splitlines()
    assert lines[0] == "Large does not work here, so no package of it was made:"
    assert lines[1].startswith("TypeError: ")
    assert lines[-1] == (
        "Correct it, or set 'sample' in [tool.dspipe.deploy] to arguments that work."
    )


def test_build_keeps_its_output_out_of_git(repository: Repository) -> None:
    """A second build of a committed repository is as clean as the first."""
    commit_all(repository)
    build(repository.settings())

    assert not build(repository.settings()).is_dirty


@pytest.mark.parametrize(
    ("option", "value", "message"),
    [
        ("python", "3.11", "The setting 'python' is '3.11'. It must be one of: '3.12', '3.13', "
         "'3.14'."),
        ("architecture", "arm", "The setting 'architecture' is 'arm'. It must be one of: "
         "'x86_64', 'arm64'."),
        ("pipeline", "large.py", "The pipeline is set to 'large.py', which names no class. Write "
         "file.py:Class or package.module:Class."),
    ],
)  # fmt: skip
def test_build_refuses_settings_before_any_work(
    repository: Repository, option: str, value: str, message: str
) -> None:
    """A value that cannot work is refused with the choices."""
    with pytest.raises(PackageError) as caught:
        build(repository.settings(**{option: value}))

    assert str(caught.value) == message


def test_build_names_the_file_when_it_is_misspelt(repository: Repository) -> None:
    """A close match is offered."""
    with pytest.raises(PackageError) as caught:
        build(repository.settings(pipeline="larg.py:Large"))

    assert str(caught.value) == (
        f"There is no file {repository.root / 'larg.py'}, which 'pipeline' names. Did you mean "
        "'large.py'? Correct it in [tool.dspipe.deploy]."
    )


def test_build_refuses_a_class_that_is_not_there(repository: Repository) -> None:
    """The classes of the module are named."""
    with pytest.raises(PackageError) as caught:
        build(repository.settings(pipeline="large.py:Larger"))

    assert str(caught.value).splitlines()[1] == (
        "The module 'large' defines no pipeline 'Larger'. It defines: 'Large'. Did you mean "
        "'Large'? Set 'pipeline' in [tool.dspipe.deploy] to file.py:Class."
    )


def test_build_refuses_a_file_in_the_place_of_a_distribution(repository: Repository) -> None:
    """A file of the repository never hides an installed package."""
    repository.write("pandas.txt", "no module, so no matter")
    repository.write("pydantic/__init__.py", "")

    with pytest.raises(PackageError) as caught:
        build(repository.settings(include=("pydantic/*.py", "pandas.txt")))

    assert str(caught.value) == (
        "The repository's file 'pydantic/__init__.py' would take the place of pydantic 2.14.3 in "
        "the package. Rename it."
    )


def test_build_says_what_pip_said_without_addresses(
    repository: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An address may hold a password, so none is shown."""
    monkeypatch.setenv("PIP_FIND_LINKS", "file:///ann:tulip@nowhere")

    with pytest.raises(PackageError) as caught:
        build(repository.settings())

    message = str(caught.value)
    assert message.startswith("pip could not install the lock for Python 3.")
    assert "No matching distribution found for pandas==3.1.1" in message
    assert "tulip" not in message
