"""Find the predictors that installed packages offer, by name."""

from importlib.metadata import EntryPoint, entry_points

from dspipe._text import quote_some, suggest
from dspipe.errors import ConfigurationError
from dspipe.predictors._base import Predictor

GROUP = "dspipe.predictors"


def load_predictor(name: str, **options: object) -> Predictor:
    """Make a predictor that an installed package offers.

    A package offers one in its ``pyproject.toml``::

        [project.entry-points."dspipe.predictors"]
        company_rules = "company.rules:RulesPredictor"

    Parameters
    ----------
    name : str
        Name of the entry point in the group ``dspipe.predictors``.
    **options
        Go to the class (or function) behind it.

    Raises
    ------
    ConfigurationError
        If no package offers the name, what it offers cannot be imported, or it makes no Predictor.
    """
    offered = {entry.name: entry for entry in entry_points(group=GROUP)}
    if name not in offered:
        known = f"Known are: {quote_some(sorted(offered))}" if offered else "None is installed"
        raise ConfigurationError(
            f"No installed package offers a predictor named '{name}'. {known}."
            f"{suggest(name, offered)} A package offers one under the entry point group '{GROUP}'."
        )
    predictor = _import(offered[name])(**options)
    if not isinstance(predictor, Predictor):
        raise ConfigurationError(
            f"The predictor '{name}' ({offered[name].value}) made a {type(predictor).__name__}, "
            "which is no Predictor. Let its class inherit from dspipe.predictors.Predictor."
        )
    return predictor


def _import(entry: EntryPoint) -> "type[object]":
    try:
        found: type[object] = entry.load()
    except (ImportError, AttributeError) as error:
        raise ConfigurationError(
            f"The predictor '{entry.name}' ({entry.value}) cannot be imported: {error}. "
            "Install its package anew, or correct its entry point."
        ) from error
    return found
