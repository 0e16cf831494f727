"""Why a replay differs: what has changed since the recording, in the order of suspicion."""

from collections.abc import Mapping
from dataclasses import replace

from dspipe._text import quote_some
from dspipe.parity._differences import Difference
from dspipe.parity._facts import Facts

# Kinds that say what differs and not why: a known cause takes the place of these only.
_OPEN = ("values", "rows")


def explain(
    differences: list[Difference],
    *,
    recorded: Facts,
    actual: Facts,
    is_repeatable: bool,
    is_whole: bool,
    has_predict: bool,
) -> list[Difference]:
    """Give differences of a replay of frozen rows their cause.

    Parameters
    ----------
    differences : list of Difference
        Of one stage.
    recorded, actual : Facts
        Of the golden run and of the replay.
    is_repeatable : bool
        Whether a second replay came to the same.
    is_whole : bool
        Whether the golden run holds all rows of its run.
    has_predict : bool
        Whether the class predicts in code of its own.
    """
    return [
        _explain_one(
            each, _find_causes(each, recorded, actual, is_repeatable, is_whole, has_predict)
        )
        for each in differences
    ]


def _explain_one(difference: Difference, causes: list[tuple[str, str]]) -> Difference:
    if not causes:
        nothing = (
            "Code, model and versions are as recorded: look at what the code reads besides its "
            "rows, such as files, the clock or the environment."
        )
        return replace(difference, cause=nothing)
    kind = causes[0][0] if difference.kind in _OPEN else difference.kind
    return replace(difference, kind=kind, cause=" ".join(said for _, said in causes))


def _find_causes(
    difference: Difference,
    recorded: Facts,
    actual: Facts,
    is_repeatable: bool,  # noqa: FBT001 - called once, right above
    is_whole: bool,  # noqa: FBT001 - as above
    has_predict: bool,  # noqa: FBT001 - as above
) -> list[tuple[str, str]]:
    if not is_repeatable:
        said = "Two replays of the same rows differ from each other: remove chance and the clock."
        return [("nondeterminism", said)]
    code, model = _compare_code(recorded, actual), _compare_model(recorded, actual)
    # A model alone makes predictions; its contract alone comes after the user's features.
    is_of_model = difference.stage == "predict" and not has_predict
    causes = [model, code] if is_of_model else [code, model]
    causes.append(_compare_versions(recorded.versions, actual.versions))
    found = [each for each in causes if each is not None]
    if not found and not is_whole:
        said = (
            "The golden run holds a part of its run's rows: an answer may depend on the rows "
            "beside it. Record all of them with dspipe.parity.record(..., most_rows=None)."
        )
        return [("other rows", said)]
    return found


def _compare_code(recorded: Facts, actual: Facts) -> tuple[str, str] | None:
    names = _list_changed(recorded.code, actual.code)
    return ("code", f"Changed in the code: {quote_some(names)}.") if names else None


def _compare_model(recorded: Facts, actual: Facts) -> tuple[str, str] | None:
    if recorded.model == actual.model:
        return None
    names = _list_changed(recorded.model, actual.model)
    told = ", ".join(
        f"{name} {recorded.model.get(name)} recorded, {actual.model.get(name)} now"
        for name in names
    )
    return "model file", f"Changed in the model: {told}."


def _compare_versions(
    recorded: Mapping[str, str], actual: Mapping[str, str]
) -> tuple[str, str] | None:
    # A library that only one of both loaded did not make the values differ.
    told = [
        f"{name} {recorded[name]} recorded, {actual[name]} now"
        for name in recorded
        if name in actual and recorded[name] != actual[name]
    ]
    return ("library version", f"Other versions: {', '.join(told)}.") if told else None


def _list_changed(
    recorded: Mapping[str, str | None], actual: Mapping[str, str | None]
) -> list[str]:
    names = dict.fromkeys([*recorded, *actual])
    return [name for name in names if recorded.get(name) != actual.get(name)]
