"""What `dspipe new` writes: complete, the same each time, without secrets, or nothing at all."""

import json
import sqlite3
import tomllib
from pathlib import Path
from typing import Any

import duckdb
import nbformat
import pytest
import yaml
from new.walk import call, read_code
from postgres import find_free_port

from dspipe.deploy import load_settings
from dspipe.errors import ConfigurationError
from dspipe.new import GitState, make_repository

JUPYTER: Any = nbformat  # has types for some of its functions
FILES = [
    ".gitattributes",
    ".github/workflows/check.yml",
    ".gitignore",
    "README.md",
    "data/sample.duckdb",
    "pyproject.toml",
    "requirements.in",
    "shop.ipynb",
    "tests/conftest.py",
    "tests/test_shop.py",
]


def list_files(folder: Path) -> list[str]:
    """List the files of a repository, without those of git."""
    files = [path.relative_to(folder) for path in folder.rglob("*") if path.is_file()]
    return sorted(path.as_posix() for path in files if path.parts[0] != ".git")


@pytest.mark.usefixtures("_identity")
def test_repository_is_complete_and_committed(tmp_path: Path) -> None:
    """All is there, and git holds all but the data."""
    made = make_repository(tmp_path / "shop")

    tracked = call(made.folder, "git", "ls-files").stdout.split()
    assert list_files(made.folder) == FILES
    assert tracked == [name for name in FILES if not name.startswith("data/")]
    assert call(made.folder, "git", "status", "--porcelain").stdout == ""
    assert made.git is GitState.COMMITTED
    assert list(tmp_path.iterdir()) == [made.folder]


def test_repository_is_the_same_each_time(tmp_path: Path) -> None:
    """The same name gives the same bytes, and the sample the same rows."""
    one, two = (make_repository(tmp_path / name / "shop").folder for name in ("one", "two"))

    for name in FILES:
        if name != "data/sample.duckdb":
            assert (one / name).read_bytes() == (two / name).read_bytes()
    assert read_sample(one) == read_sample(two)


def read_sample(folder: Path) -> list[object]:
    """Read both tables of the sample."""
    with duckdb.connect(str(folder / "data" / "sample.duckdb"), read_only=True) as connection:
        return [connection.table(name).order("all").fetchall() for name in ("visits", "payments")]


def test_notebook_is_valid_and_has_fixed_ids_and_no_outputs(tmp_path: Path) -> None:
    """Jupyter opens it without a word, and a run changes no id."""
    folder = make_repository(tmp_path / "shop").folder

    content = (folder / "shop.ipynb").read_text(encoding="utf-8")
    notebook = JUPYTER.reads(content, as_version=JUPYTER.NO_CONVERT)
    JUPYTER.validate(notebook)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert (notebook.nbformat, notebook.nbformat_minor) == (4, 5)
    assert [cell.id for cell in notebook.cells][:5] == [
        "title", "imports", "data", "sample", "look"
    ]  # fmt: skip
    assert all(cell.outputs == [] and cell.execution_count is None for cell in code)
    assert JUPYTER.writes(notebook) + "\n" == content


def test_settings_and_workflow_can_be_read(tmp_path: Path) -> None:
    """What people edit is valid from the start, and so is what stands behind comments."""
    folder = make_repository(tmp_path / "will-buy").folder
    file = folder / "pyproject.toml"
    opened = [
        line.removeprefix("# ") if "=" in line or line.startswith("# [") else line
        for line in file.read_text(encoding="utf-8").split("\n")
        if "A sample" not in line
    ]
    deployed = load_settings(folder)

    file.write_text("\n".join(opened), encoding="utf-8")
    everything = load_settings(folder, "prod")
    workflow = yaml.safe_load((folder / ".github/workflows/check.yml").read_text(encoding="utf-8"))

    assert (deployed.name, deployed.pipeline) == ("will-buy", "will_buy.py:WillBuy")
    assert everything.secrets == {"DSPIPE_SOURCE_DEFAULT": "secret://will-buy/reader"}
    steps = [step.get("run", "") for step in workflow["jobs"]["check"]["steps"]]
    assert steps[-4:] == [
        "dspipe convert --check will_buy.ipynb",
        "python -c \"from dspipe.demo import write_sample; write_sample('data/sample.duckdb')\"",
        "dspipe check will_buy.py",
        "pytest",
    ]


def test_folder_with_something_in_it_is_refused(tmp_path: Path) -> None:
    """Nothing of anybody is overwritten."""
    folder, file = tmp_path / "shop", tmp_path / "shops"
    folder.mkdir()
    (folder / "notes.txt").write_text("mine")
    file.write_text("mine")

    with pytest.raises(ConfigurationError) as of_folder:
        make_repository(folder)
    with pytest.raises(ConfigurationError) as of_file:
        make_repository(file)

    rest = "and nothing is overwritten. Choose another name, or remove it."
    assert str(of_folder.value) == f"{folder} is not empty, {rest}"
    assert str(of_file.value) == f"{file} is a file, {rest}"
    assert list_files(tmp_path) == ["shop/notes.txt", "shops"]


def test_empty_folder_is_filled(tmp_path: Path) -> None:
    """A folder that was made in advance is as good as none."""
    (tmp_path / "shop").mkdir()

    assert list_files(make_repository(tmp_path / "shop").folder) == FILES


def test_nothing_is_left_after_a_failure(tmp_path: Path) -> None:
    """Half a repository would be refused as not empty the next time."""
    (tmp_path / "shop").mkdir()

    # No file may be larger than 100 kB, so the sample cannot be written.
    done = call(tmp_path, "sh", "-c", "ulimit -f 200; exec dspipe new shop")

    assert done.returncode == 1
    assert "Error: " in done.stderr
    assert [*tmp_path.rglob("*")] == [tmp_path / "shop"]


def test_repository_inside_of_another_is_left_to_it(tmp_path: Path) -> None:
    """A repository inside of a repository would be invisible to both."""
    call(tmp_path, "git", "init", "--quiet")

    made = make_repository(tmp_path / "models" / "shop")

    assert (made.git, made.outer) == (GitState.INSIDE, tmp_path.resolve())
    assert not (made.folder / ".git").exists()


def test_commit_is_left_to_the_user_when_git_does_not_know_who(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All is staged, and nobody is made up as its author."""
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", "/dev/null")
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")

    made = make_repository(tmp_path / "shop")

    assert made.git is GitState.STAGED
    assert "shop.ipynb" in call(made.folder, "git", "diff", "--cached", "--name-only").stdout


def test_repository_is_made_without_git(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Version control is a gift, not a condition."""
    monkeypatch.setenv("PATH", str(tmp_path))

    made = make_repository(tmp_path / "shop")

    assert made.git is GitState.ABSENT
    assert list_files(made.folder) == FILES


def test_no_file_holds_the_password_of_a_source(tmp_path: Path) -> None:
    """The database is asked with it, and only its name is written; git's objects too."""
    url = f"postgresql://ann:tulip-4711@127.0.0.1:{find_free_port()}/shop?sslpassword=daffodil"

    made = make_repository(tmp_path / "shop", source=url)

    texts = [path.read_bytes() for path in made.folder.rglob("*") if path.is_file()]
    assert not any(secret in text for text in texts for secret in (b"tulip-4711", b"daffodil"))
    assert "tulip-4711" not in f"{made}{made.silence}"
    assert made.source.url.startswith("postgresql://ann:${SHOP_PASSWORD}@127.0.0.1:")
    assert "psycopg[binary]==" in (made.folder / "requirements.in").read_text()
    assert (
        "export SHOP_PASSWORD=... SHOP_SSLPASSWORD=...  #"
        in (made.folder / "README.md").read_text()
    )


def test_template_is_written_where_the_database_is_silent(tmp_path: Path) -> None:
    """What cannot be known is to be filled in, and the notebook says so."""
    made = make_repository(tmp_path / "shop", source="sqlite:////nowhere/shop.sqlite")

    content = (made.folder / "shop.ipynb").read_text(encoding="utf-8")
    assert made.table is None
    assert made.silence is not None
    assert "/nowhere/shop.sqlite" in made.silence
    assert "from your_table" in content
    assert "No table was found when this notebook was written" in content
    assert not (made.folder / "data").exists()


def test_own_database_has_a_pipeline_on_a_real_table(tmp_path: Path) -> None:
    """The first query is on a table that is there, and all tables are listed."""
    with sqlite3.connect(tmp_path / "own.sqlite") as connection:
        connection.execute("create table orders (id integer, ordered_at timestamp, note text)")
    connection.close()

    made = make_repository(tmp_path / "own", source=f"sqlite:///{tmp_path / 'own.sqlite'}")

    notebook = json.loads((made.folder / "own.ipynb").read_text(encoding="utf-8"))
    code = read_code(made.folder / "own.ipynb")
    settings = tomllib.loads((made.folder / "pyproject.toml").read_text(encoding="utf-8"))
    assert made.table == "orders"
    assert 'key = "id"' in code["class"]
    assert "            from orders\n" in code["class"]
    assert code["rows"] == 'sql("""\nselect * from orders\n""").head()'
    assert "- `orders`: id (integer), ordered_at (timestamp)" in "".join(
        notebook["cells"][0]["source"]
    )
    assert settings["tool"]["dspipe"]["sources"]["default"] == made.source.url


@pytest.mark.parametrize(
    ("create", "insert", "options"),
    [
        (
            "create table orders (id integer, ordered_at timestamp, price real)",
            "insert into orders values (1, '2026-01-06 10:00:00', 0.5)",
            "--day 2025-12-08 --n-days 30",
        ),
        (
            "create table orders (id integer, price real)",
            "insert into orders values (1, 0.5)",
            "--most-rows 100",
        ),
    ],
)
def test_pipeline_of_an_own_database_is_right_before_it_is_edited(
    tmp_path: Path, create: str, insert: str, options: str
) -> None:
    """With days or without, it is converted, runs, and passes a linter."""
    with sqlite3.connect(tmp_path / "own.sqlite") as connection:
        connection.execute(create)
        connection.execute(insert)
    connection.close()

    made = make_repository(tmp_path / "own", source=f"sqlite:///{tmp_path / 'own.sqlite'}")

    convert = call(made.folder, "dspipe", "convert", "own.ipynb")
    run = call(made.folder, "dspipe", "run", "own.py", *options.split(), "--format", "csv")
    lint = call(made.folder, "ruff", "check", "--isolated", "--line-length=100", ".")
    assert made.arguments == options
    assert convert.stdout == "own.py: Own from own.ipynb.\n"
    assert run.stdout == "id,prediction\n1,0.5\n"
    assert lint.stdout == "All checks passed!\n"
