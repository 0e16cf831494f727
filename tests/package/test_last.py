"""What one build leaves to the next."""

from pathlib import Path

from dspipe.package._last import LastBuild, read_last, save_last


def test_last_build_is_read_as_it_was_saved(tmp_path: Path) -> None:
    """Files, types and loaded modules come back."""
    file = tmp_path / "late.py"
    file.write_text("", encoding="utf-8")
    save_last(tmp_path, {"late.py": file}, "{}", {"late.py"})

    assert read_last(tmp_path) == LastBuild({"late.py": file}, "{}", ("late.py",))


def test_nothing_is_guessed_when_there_is_nothing_to_go_by(tmp_path: Path) -> None:
    """Neither without a build before, nor when one of its files is gone, nor from half a file."""
    save_last(tmp_path, {"late.py": tmp_path / "late.py"}, None, ())
    (tmp_path / "half").mkdir()
    (tmp_path / "half" / "last.json").write_text('{"code"', encoding="utf-8")

    assert read_last(tmp_path / "absent") is None
    assert read_last(tmp_path) is None
    assert read_last(tmp_path / "half") is None
