"""Predictors that installed packages offer."""

import sys
from pathlib import Path

import pytest

from dspipe.errors import ConfigurationError
from dspipe.predictors import MockPredictor, load_predictor

ENTRY_POINTS = """\
[dspipe.predictors]
company_rules = dspipe.predictors:MockPredictor
company_dict = builtins:dict
company_gone = dspipe.predictors:NoSuchPredictor
"""


@pytest.fixture
def company(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Install a tiny distribution that offers predictors."""
    info = tmp_path / "company-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: company\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(ENTRY_POINTS)
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])


@pytest.mark.usefixtures("company")
def test_load_predictor_makes_the_predictor_when_a_package_offers_it() -> None:
    """Options go to the class."""
    predictor = load_predictor("company_rules", answer=0.25)

    assert isinstance(predictor, MockPredictor)
    assert repr(predictor) == "<MockPredictor of 0.25>"


@pytest.mark.usefixtures("company")
def test_load_predictor_offers_a_close_match_when_the_name_is_misspelt() -> None:
    """The known names are listed."""
    with pytest.raises(ConfigurationError) as caught:
        load_predictor("company_rule")

    assert str(caught.value) == (
        "No installed package offers a predictor named 'company_rule'. Known are: 'company_dict', "
        "'company_gone', 'company_rules'. Did you mean 'company_rules'? "
        "A package offers one under the entry point group 'dspipe.predictors'."
    )


@pytest.mark.usefixtures("company")
def test_load_predictor_fails_when_what_is_offered_is_no_predictor() -> None:
    """Only Predictors are let in."""
    with pytest.raises(ConfigurationError) as caught:
        load_predictor("company_dict")

    assert str(caught.value) == (
        "The predictor 'company_dict' (builtins:dict) made a dict, which is no Predictor. "
        "Let its class inherit from dspipe.predictors.Predictor."
    )


@pytest.mark.usefixtures("company")
def test_load_predictor_fails_when_what_is_offered_cannot_be_imported() -> None:
    """The entry point and the cause are named."""
    with pytest.raises(ConfigurationError) as caught:
        load_predictor("company_gone")

    assert str(caught.value) == (
        "The predictor 'company_gone' (dspipe.predictors:NoSuchPredictor) cannot be imported: "
        "module 'dspipe.predictors' has no attribute 'NoSuchPredictor'. "
        "Install its package anew, or correct its entry point."
    )
