"""Zips and digests: the same for the same content, and nothing lost."""

import hashlib
from pathlib import Path
from zipfile import ZipFile

from hypothesis import given
from hypothesis import strategies as st

from dspipe.package._archive import Entry, digest_entries, read_entries, write_zip

NAMES = st.text("abc/", min_size=1, max_size=8)
ENTRIES = st.dictionaries(NAMES, st.builds(Entry, st.text("01", min_size=1), st.just(1)))


def fill(folder: Path, order: list[str]) -> None:
    """Write files in some order."""
    for name in order:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name * 100, encoding="utf-8")


def test_zip_is_the_same_whatever_order_and_time(tmp_path: Path) -> None:
    """Names, contents and nothing else make the bytes."""
    names = ["b.py", "a/x.so", "a/y.so.1", "c.txt"]
    for folder, order in (("one", names), ("two", names[::-1])):
        fill(tmp_path / folder, order)
        write_zip(tmp_path / f"{folder}.zip", tmp_path / folder, order)

    assert (tmp_path / "one.zip").read_bytes() == (tmp_path / "two.zip").read_bytes()


def test_zip_on_a_base_holds_all_files_once(tmp_path: Path) -> None:
    """What was zipped before is not zipped again."""
    fill(tmp_path, ["b.py", "c.py"])
    write_zip(tmp_path / "base.zip", tmp_path, ["c.py"])
    base = (tmp_path / "base.zip").read_bytes()

    write_zip(tmp_path / "all.zip", tmp_path, ["b.py"], base=tmp_path / "base.zip")

    with ZipFile(tmp_path / "all.zip") as archive:
        assert archive.testzip() is None
        assert archive.namelist() == ["c.py", "b.py"]
        assert archive.read("b.py") == b"b.py" * 100
    assert (tmp_path / "base.zip").read_bytes() == base


def test_zip_marks_libraries_as_programs(tmp_path: Path) -> None:
    """Libraries may be loaded, files be read by whoever runs the function."""
    names = ["a.py", "b.cpython-313-x86_64-linux-gnu.so", "lib/c.so.3"]
    fill(tmp_path, names)
    write_zip(tmp_path / "all.zip", tmp_path, names)

    with ZipFile(tmp_path / "all.zip") as archive:
        modes = {item.filename: oct(item.external_attr >> 16) for item in archive.infolist()}
    assert list(modes.values()) == ["0o100644", "0o100755", "0o100755"]


def test_entry_is_what_a_file_holds(tmp_path: Path) -> None:
    """Content and size, not time or owner."""
    fill(tmp_path, ["a.py"])

    assert read_entries(tmp_path, ["a.py"]) == {
        "a.py": Entry(hashlib.sha256(b"a.py" * 100).hexdigest(), 400)
    }


@given(ENTRIES, st.randoms(use_true_random=False))
def test_digest_does_not_depend_on_the_order(entries: dict[str, Entry], random: object) -> None:
    """A digest is of a set of files."""
    names = sorted(entries, reverse=True)

    assert digest_entries({name: entries[name] for name in names}) == digest_entries(entries)


@given(ENTRIES, ENTRIES)
def test_digests_differ_when_files_do(one: dict[str, Entry], other: dict[str, Entry]) -> None:
    """Another name or content is another digest."""
    assert (digest_entries(one) == digest_entries(other)) == (one == other)
