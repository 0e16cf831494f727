"""Secrets in a repository: found in code, settings, notebooks and outputs, and never shown."""

import json
import subprocess
from pathlib import Path

import pytest
from checks.written import load_class, write_notebook, write_repository

from dspipe.checks import Finding
from dspipe.checks._code import load_code
from dspipe.checks._secret_kinds import find_secrets
from dspipe.checks._secrets import check_secrets

CHANCE = "kQ8zP2vN5xT1mR7cW3yB"
AWS_KEY = "AKIA" + "Q7ZP2VN5XT1MR7CW"


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        (f"key = '{AWS_KEY}'", "an AWS access key"),
        (f"aws_secret_access_key = {CHANCE * 2}", "an AWS secret key"),
        ("-----BEGIN RSA PRIVATE KEY" + "-----", "a private key"),
        ("ghp_" + CHANCE * 2, "a token of GitHub"),
        ("xoxb-" + CHANCE, "a token of Slack"),
        ("AIza" + (CHANCE * 2)[:35], "a key of Google"),
        ("sk-proj-" + CHANCE, "a key of a service"),
        (f"eyJ{CHANCE}.eyJ{CHANCE}.{CHANCE}", "a signed token"),
        (f"Authorization: Bearer {CHANCE}", "a bearer token"),
        ("postgresql://ann:tulip@db/shop", "a password in a URL"),
        ("connect(user='ann', password='tulip')", "a password"),
        (f"DATAROBOT_API_TOKEN={CHANCE}", "what is called DATAROBOT_API_TOKEN"),
        (f'config["api_key"] = "{CHANCE}"', "what is called api_key"),
    ],
)
def test_each_kind_is_found_and_at_most_two_characters_are_shown(text: str, kind: str) -> None:
    """What is shown is of no use to anybody."""
    (found,) = find_secrets(text)

    assert found.kind == kind
    assert len(found.shown) <= 3
    assert found.value not in repr(found)
    assert text[found.start : found.end] == found.value


@pytest.mark.parametrize(
    "text",
    [
        "postgresql://ann:${PASSWORD}@db/shop",
        "postgresql://ann:***@db/shop",
        "postgresql://ann@db:5432/shop",
        "postgresql://ann:<password>@db/shop",
        'password = os.environ["DB_PASSWORD"]',
        'password = "secret://shop/database"',
        "token = get_token()",
        'api_token = "your-token-goes-here"',
        "secret_name = 'warehouse-password'",
        "tokenizer = 'wordpiece_uncased'",
        "key = 'flight_id'",
        "--hash=sha256:13b2beaad985e05e2d6407ee4c4f35590b11f8d693a258a561055cac8f64cab7",
    ],
)
def test_what_stands_for_a_secret_is_none(text: str) -> None:
    """A false alarm teaches people to look away."""
    assert list(find_secrets(text)) == []


def look(folder: Path, *lines: str) -> list[Finding | str]:
    """Look for secrets in a repository with such a pipeline."""
    file = write_repository(folder, *lines)
    return list(check_secrets(load_code(load_class(file))))


def test_repository_without_secrets_is_said(tmp_path: Path) -> None:
    """How many files were looked at is part of the proof."""
    assert look(tmp_path, "return sql('select 1')") == ["No secret was found in 2 files."]


def test_secret_in_the_module_is_found_with_its_line(tmp_path: Path) -> None:
    """The line is shown without it."""
    (found,) = look(tmp_path, f'token = "{CHANCE}"', "return sql('select 1')")

    assert isinstance(found, Finding)
    assert (found.code, str(found.place)) == ("K101", f"{tmp_path / 'visits.py'}:18")
    assert found.place is not None
    assert found.place.snippet == 'token = "kQ…"'
    assert found.message == (
        "What is called token (kQ…) is written here. Whoever reads the repository can use it. "
        "Renew it where it was issued, take it out, and read it from an environment variable or "
        "name it as secret://..."
    )
    assert CHANCE not in json.dumps(found.to_dict())


def test_files_that_git_does_not_take_are_left_out(tmp_path: Path) -> None:
    """A file of settings that stays on this machine is where secrets belong."""
    subprocess.run(["git", "init", "-q", tmp_path], check=True)  # noqa: S607 - any git
    (tmp_path / ".gitignore").write_text("local.toml\n", encoding="utf-8")
    for name in ("local.toml", "shared.toml"):
        (tmp_path / name).write_text(f'token = "{CHANCE}"\n', encoding="utf-8")

    found = [each for each in look(tmp_path, "return sql('x')") if isinstance(each, Finding)]

    assert [each.place and each.place.file.name for each in found] == ["shared.toml"]


def test_folders_of_tools_are_left_out_without_git(tmp_path: Path) -> None:
    """An environment holds the secrets of other people's tests."""
    for folder in (".hidden", "build", "env", "sql"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "a.sql").write_text(f"-- token = '{CHANCE}'", encoding="utf-8")
    (tmp_path / "env" / "pyvenv.cfg").touch()

    found = [each for each in look(tmp_path, "return sql('x')") if isinstance(each, Finding)]

    assert [each.place and each.place.file.parent.name for each in found] == ["sql"]


def test_module_without_a_repository_is_looked_at_alone(tmp_path: Path) -> None:
    """Without settings nobody knows where the repository ends."""
    file = write_repository(tmp_path, "return sql('select 1')")
    (tmp_path / "pyproject.toml").unlink()
    (tmp_path / "other.py").write_text(f'token = "{CHANCE}"', encoding="utf-8")

    assert list(check_secrets(load_code(load_class(file)))) == ["No secret was found in 1 file."]


def test_secret_of_a_cell_and_of_its_output_are_told_apart(tmp_path: Path) -> None:
    """A token that was printed is saved with the notebook."""
    write_repository(tmp_path, "return sql('select 1')").unlink()
    write_notebook(tmp_path, f"token = '{CHANCE}'", output=f"one\nBearer {CHANCE}\n")
    module = tmp_path / "visits.py"
    head = "# Generated by dspipe from visits.ipynb; edit the notebook, not this file.\n"
    module.write_text(
        f"{head}token = '{CHANCE}'\nclass Visits:\n    def extract(self): ...\n", "utf-8"
    )

    found = [
        each for each in check_secrets(load_code(load_class(module))) if isinstance(each, Finding)
    ]

    assert [(each.code, each.place and (each.place.cell, each.place.line)) for each in found] == [
        ("K101", (2, 18)),
        ("K102", (3, 2)),
    ]
    assert found[1].message == (
        "A bearer token (kQ…) was printed. An output is saved with the notebook. Renew it where "
        "it was issued, and clear the output of the cell."
    )


def test_output_in_two_forms_is_told_once(tmp_path: Path) -> None:
    """Text and HTML of one value are one output; what is no notebook is passed over."""
    data = {"text/plain": [f"token='{CHANCE}'"], "text/html": f"<b>token='{CHANCE}'</b>", "x": 1}
    cells = [1, {"cell_type": "code", "source": "x", "outputs": [2, {"data": data}]}]
    (tmp_path / "a.ipynb").write_text(json.dumps({"cells": cells}), encoding="utf-8")
    (tmp_path / "b.ipynb").write_text("{", encoding="utf-8")

    found = look(tmp_path, "return sql('select 1')")

    assert [each.code for each in found if isinstance(each, Finding)] == ["K102"]
