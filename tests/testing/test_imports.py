"""What the checks need: not pytest, and hypothesis for `frames` alone."""

import subprocess
import sys

import pytest

import dspipe.testing
from dspipe.errors import MissingExtraError


def test_checks_load_neither_pytest_nor_hypothesis() -> None:
    """A pipeline can be checked where no test tool is installed."""
    code = (
        "import sys\n"
        "from dspipe.testing import check_pipeline, check_predictor, with_rows\n"
        "print({'hypothesis', 'pytest'} & set(sys.modules))"
    )

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout == "set()\n"


def test_frames_says_how_to_install_hypothesis_when_it_is_absent(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The one name that needs an extra asks for it in a sentence."""
    monkeypatch.setitem(sys.modules, "hypothesis", None)
    monkeypatch.delitem(sys.modules, "dspipe.testing._frames", raising=False)
    monkeypatch.delitem(vars(dspipe.testing), "frames", raising=False)

    with pytest.raises(MissingExtraError) as caught:
        dspipe.testing.frames  # noqa: B018 - asking for the name is the act

    assert str(caught.value) == (
        "dspipe.testing.frames needs the package 'hypothesis', which cannot be imported (import of "
        "hypothesis halted; None in sys.modules). Run: pip install 'hypothesis>=6.120'"
    )


def test_unknown_name_is_an_attribute_error() -> None:
    """Loading names late does not swallow misspelt ones."""
    with pytest.raises(
        AttributeError, match=r"module 'dspipe.testing' has no attribute 'check_pipelines'"
    ):
        dspipe.testing.check_pipelines  # noqa: B018 - the fault under test
