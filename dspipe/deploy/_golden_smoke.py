"""Send a version the golden runs of its pipeline before it serves: each must come out the same."""

from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

from dspipe._text import count
from dspipe.deploy._smoke import invoke
from dspipe.deploy.aws._calls import Aws
from dspipe.deploy.aws._state import Target
from dspipe.deploy.settings._record import DeploySettings
from dspipe.errors import DeployError, DspipeError
from dspipe.package import Package
from dspipe.package.distributions._interpreter import find_interpreter
from dspipe.parity import GoldenRun, Replay, find_goldens, load_golden, replay_package
from dspipe.parity._function import Answer, Ask, find_obstacle, replay_function
from dspipe.parity._record import FOLDER


def find_recorded(settings: DeploySettings) -> tuple[Path, ...]:
    """List the golden runs that a version has to come to: none where it takes no rows."""
    if not settings.accept_rows:
        return ()
    class_name = settings.pipeline.rpartition(":")[2]
    return tuple(find_goldens(settings.root / FOLDER, class_name))


def check_goldens(
    aws: Aws, target: Target, version: str, goldens: Sequence[Path], package: Package
) -> Iterator[str]:
    """Send a version its golden runs.

    Parameters
    ----------
    aws : Aws
        Calls AWS.
    target : Target
        The deployment.
    version : str
        Which version of its function.
    goldens : sequence of Path
        The folders of the golden runs.
    package : Package
        What the version was made of.

    Yields
    ------
    str
        What came of each golden run.

    Raises
    ------
    DeployError
        If the version does not come to one of them, or one cannot be read.
    """
    for place in goldens:
        golden = _load(place, version)
        obstacle = _find_obstacle(golden, package)
        if obstacle is not None:
            yield f"The golden run '{golden.name}' was not sent to it: {obstacle}."
            continue
        came_to = replay_function(
            golden,
            make_ask(aws, target.stack, version),
            f"version {version}",
            replay_here=partial(_replay_here, golden, package),
        )
        if not came_to.is_equal:
            raise _refuse(came_to, version, target)
        yield (
            f"Version {version} comes to the golden run '{golden.name}': "
            f"{count(len(golden.predictions), 'row')}."
        )


def make_ask(aws: Aws, function: str, qualifier: str) -> Ask:
    """Make what sends an event to a version, or to the version that an alias points to."""

    def ask(event: object) -> Answer:
        reply = invoke(aws, function, event, qualifier)
        return Answer(reply.payload, reply.failure)

    return ask


def _load(place: Path, version: str) -> GoldenRun:
    try:
        return load_golden(place)
    except DspipeError as error:
        raise DeployError(
            f"Version {version} was not sent the golden run '{place.name}': {error} The alias was "
            "not moved, so nobody meets this version."
        ) from error


def _find_obstacle(golden: GoldenRun, package: Package) -> str | None:
    # An image, and a package made by other means, hold their settings elsewhere.
    is_known = (package.folder / "dspipe.json").is_file()
    return find_obstacle(golden, package.folder if is_known else None)


def _replay_here(golden: GoldenRun, package: Package) -> Replay:
    python = find_interpreter(package.python).path
    return replay_package(golden, package.folder, python=str(python))


def _refuse(came_to: Replay, version: str, target: Target) -> DeployError:
    golden = came_to.golden
    lines = "\n".join(f"  {each}" for each in came_to.differences)
    return DeployError(
        f"Version {version} does not come to the golden run '{golden.name}' of "
        f"{golden.pipeline}:\n{lines}\n"
        "The alias was not moved, so nobody meets this version. Correct it; or, if the change was "
        f"meant, record the run anew with run.record('{golden.name}') and commit it. Its log says "
        f"more: dspipe logs{target.option}"
    )
