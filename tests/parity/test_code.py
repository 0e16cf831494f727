"""Digests of code: what counts as a change, what does not, and under which name it is told."""

from types import ModuleType

from dspipe.parity._code import digest_code

MODULE = '''
LIMIT = 3
UNUSED = 1
NAMES = {"a": [1, 2]}


class Rounder:
    """Rounds."""

    digits = 2

    def round(self, value):
        return round(value, self.digits)


def shorten(value):
    """Shorten it."""
    return min(value, LIMIT)


class Shop:
    key = "n"

    @property
    def rounder(self):
        return Rounder()

    @staticmethod
    def postprocess(data):
        # As short as may be.
        return [shorten(each) for each in data if each not in NAMES]
'''


def digest(text: str) -> dict[str, str]:
    """Digest the class of a module that was made of a text, whose source nobody can find."""
    module = ModuleType("shop")
    exec(text, module.__dict__)  # noqa: S102 - the text above
    return digest_code(module.Shop)


def changed(text: str) -> set[str]:
    """Name what has another digest than in the module above."""
    before, after = digest(MODULE), digest(text)
    return {name for name in {*before, *after} if before.get(name) != after.get(name)}


def test_class_is_digested_with_all_that_it_names() -> None:
    """Methods, and functions, classes and constants that they reach; nothing else."""
    assert list(digest(MODULE)) == [
        "LIMIT", "NAMES", "Rounder", "Rounder.digits", "Rounder.round", "Shop.key",
        "Shop.postprocess", "Shop.rounder", "shorten",
    ]  # fmt: skip


def test_change_is_told_by_the_name_of_what_was_changed() -> None:
    """A constant of a function of a method is found under its own name."""
    assert changed(MODULE.replace("LIMIT = 3", "LIMIT = 4")) == {"LIMIT"}
    assert changed(MODULE.replace("[1, 2]", "[1, 3]")) == {"NAMES"}
    assert changed(MODULE.replace("digits = 2", "digits = 3")) == {"Rounder.digits"}
    assert changed(MODULE.replace("not in", "in")) == {"Shop.postprocess"}


def test_comments_places_and_unused_names_are_no_change() -> None:
    """A notebook and the module made of it have one digest."""
    moved = MODULE.replace("UNUSED = 1", "UNUSED = 2\n\n\nOTHER = 3")

    assert changed(moved.replace("# As short as may be.", "# Short.")) == set()
