"""All that some distributions need, as they are installed here."""

from collections.abc import Iterable
from importlib.metadata import Distribution, PackageNotFoundError, distribution

from packaging.markers import default_environment
from packaging.requirements import Requirement

from dspipe.notebooks._distributions import normalise

_LAMBDA = {
    "os_name": "posix",
    "platform_machine": "x86_64",
    "platform_system": "Linux",
    "sys_platform": "linux",
}


def walk_closure(
    names: Iterable[str], *, lambda_python: str | None = None
) -> dict[str, Distribution]:
    """Walk what distributions require, and what that requires.

    Parameters
    ----------
    names : iterable of str
        Distributions that are installed.
    lambda_python : str, optional
        Minor version of Python in Lambda: what is required there counts too.

    Returns
    -------
    dict of str to Distribution
        By normalised name, sorted. What is asked for on other systems, and is not installed here,
        is not among them.
    """
    environments = [{name: str(value) for name, value in default_environment().items()}]
    if lambda_python is not None:
        versions = {"python_version": lambda_python, "python_full_version": f"{lambda_python}.0"}
        environments.append(environments[0] | _LAMBDA | versions)
    found: dict[str, Distribution] = {}
    todo = [Requirement(name) for name in names]
    seen: set[tuple[str, frozenset[str]]] = set()
    while todo:
        asked = todo.pop()
        name, extras = normalise(asked.name), frozenset(asked.extras)
        if (name, extras) in seen:
            continue
        seen.add((name, extras))
        try:
            found[name] = distribution(asked.name)
        except PackageNotFoundError:
            continue
        todo.extend(_list_required(found[name], extras, environments))
    return dict(sorted(found.items()))


def _list_required(
    owner: Distribution, extras: frozenset[str], environments: list[dict[str, str]]
) -> list[Requirement]:
    asked = [Requirement(line) for line in owner.requires or []]
    return [
        each
        for each in asked
        if each.marker is None
        or any(
            each.marker.evaluate(environment | {"extra": extra})
            for environment in environments
            for extra in ("", *extras)
        )
    ]
