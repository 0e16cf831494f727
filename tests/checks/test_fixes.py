"""Repairs: files and cells are changed where the finding points, and nowhere else."""

import json
from pathlib import Path

import pytest
from checks.written import load_class, write_notebook, write_repository

from dspipe.checks import CheckReport, Edit, Finding, Fix, Repair, fix, review_sql
from dspipe.checks._places import Text
from dspipe.cli._locate import load_pipeline

STATEMENT = (
    'return sql("""',
    "    select *",
    "    from visits",
    "    limit 5",
    '""")',
)


def mend(pipeline_class: type) -> Repair:
    """Review the statements of a pipeline with its database, and mend what can be."""
    return fix(CheckReport("Visits", review_sql(pipeline_class, is_live=True)))


def test_columns_are_named_and_rows_are_ordered(tmp_path: Path) -> None:
    """The columns come in their order, and the key decides which rows come."""
    file = write_repository(tmp_path, *STATEMENT)

    repair = mend(load_class(file))

    assert [each.code for each in repair.findings] == ["S106", "S107"]
    assert file.read_text("utf-8").endswith(
        'return sql("""\n            select visit_id, day, shop, spent\n            from visits\n'
        '            order by visit_id\n            limit 5\n        """)\n'
    )
    assert repair.diff == (
        f"--- {file}\n"  # noqa: S608 - the text of a diff
        f"+++ {file}, fixed\n"
        "@@ -17,6 +17,7 @@\n"
        '     def extract(self, day: date, shop: str = "north"):\n'
        '         return sql("""\n'
        "-            select *\n"
        "+            select visit_id, day, shop, spent\n"
        "             from visits\n"
        "+            order by visit_id\n"
        "             limit 5\n"
        '         """)\n'
    )
    assert review_sql(load_class(file), is_live=True) == ()


def test_names_that_need_quotes_get_them(tmp_path: Path) -> None:
    """A column may be called like a word of SQL."""
    (tmp_path / "shops.sql").write_text("select s.* from shops s", encoding="utf-8")
    file = write_repository(tmp_path, 'return sql.file("shops.sql")')

    mend(load_class(file))

    text = (tmp_path / "shops.sql").read_text("utf-8")
    assert text == 'select s.shop, s.town, s."Order" from shops s'


def test_quotes_are_not_put_into_a_literal_of_one_line(tmp_path: Path) -> None:
    """They would end it."""
    file = write_repository(tmp_path, 'return sql("select s.* from shops s")')

    repair = mend(load_class(file))

    assert repair == Repair()


def test_repair_that_would_break_the_code_is_left(tmp_path: Path) -> None:
    """Whatever a fix thought of, the file stays one that Python reads."""
    file = tmp_path / "a.py"
    file.write_text("text = 'a'\n", encoding="utf-8")
    text = Text(file, "text = 'a'\n")
    found = Finding("S106", "", fix=Fix("", (Edit(text, 8, "a", "'"),)))

    repair = fix(CheckReport("Visits", (found,)))

    assert file.read_text("utf-8") == "text = 'a'\n"
    assert len(repair.left) == 1


def test_many_columns_stand_each_on_its_line(tmp_path: Path) -> None:
    """A line that nobody can read is no repair."""
    (tmp_path / "wide.sql").write_bytes(b"select\r\n  *\r\nfrom wide\r\n")
    file = write_repository(tmp_path, 'return sql.file("wide.sql")')
    names = [f"a_column_with_a_long_name_{number}" for number in range(6)]
    add_table(tmp_path, f"create table wide as select {', '.join(f'1 as {n}' for n in names)}")

    mend(load_class(file))

    lines = [f"      {name}," for name in names]
    expected = "\r\n".join(["select", "  ", *lines])[:-1] + "\r\nfrom wide\r\n"
    assert (tmp_path / "wide.sql").read_bytes() == expected.encode()


def add_table(folder: Path, statement: str) -> None:
    """Run a statement in the database of the repository."""
    import duckdb

    with duckdb.connect(str(folder / "shop.duckdb")) as connection:
        connection.execute(statement)


def test_notebook_is_changed_in_its_cell_alone(tmp_path: Path) -> None:
    """Ids, outputs, the order of keys and the layout stay, byte for byte."""
    write_repository(tmp_path, *STATEMENT).unlink()
    notebook = write_notebook(tmp_path, *STATEMENT, output="übrig\n")
    before = notebook.read_bytes()

    repair = mend(load_pipeline(str(notebook)))

    after = notebook.read_bytes()
    assert repair.notebooks == (notebook,)
    assert "--- " + str(notebook) + ", cell 2\n" in repair.diff
    assert after == before.replace(b"select *\\n", b"select visit_id, day, shop, spent\\n").replace(
        b'    "            limit 5\\n",',
        b'    "            order by visit_id\\n",\n    "            limit 5\\n",',
    )
    assert json.loads(after)["cells"][2]["outputs"][0]["text"] == ["übrig\n"]


def test_notebook_in_a_layout_of_nobody_is_left(tmp_path: Path) -> None:
    """Writing it anew would change all of its lines."""
    write_repository(tmp_path, *STATEMENT).unlink()
    notebook = write_notebook(tmp_path, *STATEMENT)
    notebook.write_text(notebook.read_text("utf-8").replace('"cells": [', '"cells" :  ['), "utf-8")
    before = notebook.read_bytes()

    repair = mend(load_pipeline(str(notebook)))

    assert notebook.read_bytes() == before
    assert (repair.findings, repair.notebooks) == ((), ())
    assert repair.left == (
        f"{notebook} was left: it changed since it was read, is laid out as no editor does, or "
        "would not be read by Python. Save it again, and check again.",
    )


@pytest.mark.parametrize("name", ["a.sql", "a.ipynb"])
def test_file_that_changed_since_is_left(tmp_path: Path, name: str) -> None:
    """A repair of an old text would destroy a new one."""
    file = tmp_path / name
    cell = {"cell_type": "code", "source": "new"}
    file.write_text(json.dumps({"cells": [cell]}), encoding="utf-8")
    text = Text(file, "old", 1 if name == "a.ipynb" else None)
    found = Finding("S106", "", fix=Fix("", (Edit(text, 0, "old", "older"),)))

    repair = fix(CheckReport("Visits", (found,)))

    assert json.loads(file.read_text("utf-8")) == {"cells": [cell]}
    assert (repair.findings, len(repair.left)) == ((), 1)


def test_two_repairs_of_one_place_are_not_mixed(tmp_path: Path) -> None:
    """The first is made, the other is said."""
    file = tmp_path / "a.sql"
    file.write_text("select *", encoding="utf-8")
    text = Text(file, "select *")
    first = Finding("S106", "", fix=Fix("one", (Edit(text, 7, "*", "a"),)))
    same = Finding("S106", "", fix=Fix("one", (Edit(text, 7, "*", "a"),)))
    other = Finding("S107", "", fix=Fix("two", (Edit(text, 0, "select *", "b"),)))

    repair = fix(CheckReport("Visits", (first, same, other, Finding("G001", ""))))

    assert file.read_text("utf-8") == "select a"
    assert repair.findings == (first, same)
    assert repair.to_dict()["left"] == ["S107 was left: another fix changes the same place."]
