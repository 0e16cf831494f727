"""Remove a deployment, and prove that nothing of it is left."""

from collections.abc import Iterator
from dataclasses import dataclass

from dspipe._text import count
from dspipe.deploy.aws._artifacts import delete_artifacts, list_artifacts, name_bucket
from dspipe.deploy.aws._calls import Aws
from dspipe.deploy.aws._change_sets import Say, Sleep
from dspipe.deploy.aws._logs import name_log_group
from dspipe.deploy.aws._refusals import AwsError
from dspipe.deploy.aws._stack_events import Notify, delete_stack
from dspipe.deploy.aws._state import Target, find_stack

# The index of tags forgets what was deleted only after a while.
LOOKS = 10
LOOK_SECONDS = 3.0


@dataclass(frozen=True, slots=True)
class Removal:
    """What was removed, and what is left.

    Attributes
    ----------
    removed : tuple of str
    left : tuple of str
        Names and ARNs; empty when nothing is.
    """

    removed: tuple[str, ...]
    left: tuple[str, ...]


def destroy(aws: Aws, target: Target, *, notify: Notify, say: Say, sleep: Sleep) -> Removal:
    """Remove the stack, what the stack leaves behind, and the packages.

    Parameters
    ----------
    aws : Aws
        Calls AWS.
    target : Target
        The deployment.
    notify, say : callable
        Are told each event of the stack, and each further step.
    sleep : callable
        Waits for a number of seconds.

    Raises
    ------
    DeployError
        If AWS cannot delete something; run it again after correcting what it names.
    """
    removed = list(_remove(aws, target, notify, sleep))
    for what in removed:
        say(f"Removed {what}.")
    return Removal(tuple(removed), tuple(_look_again(aws, target, sleep)))


def find_left(aws: Aws, target: Target) -> list[str]:
    """Find what is still there of a deployment, by asking for it and by its tags."""
    return list(dict.fromkeys([*_iter_known(aws, target), *_iter_tagged(aws, target)]))


def _remove(aws: Aws, target: Target, notify: Notify, sleep: Sleep) -> Iterator[str]:
    if find_stack(aws, target.stack) is not None:
        delete_stack(aws, target, notify=notify, sleep=sleep)
        yield f"the stack {target.stack}"
    # Versions are retained by the template, so that they outlive an update; they go with the
    # function.
    if _delete(aws, "lambda", "delete_function", FunctionName=target.stack):
        yield f"the function {target.stack} with its versions"
    group = name_log_group(target)
    if _delete(aws, "logs", "delete_log_group", logGroupName=group):
        yield f"the log group {group}"
    n_artifacts = delete_artifacts(aws, target)
    if n_artifacts:
        told = count(n_artifacts, "object")
        yield f"{told} under {target.stack}/ in {name_bucket(aws, target)}"


def _delete(aws: Aws, service: str, operation: str, **parameters: str) -> bool:
    return aws.find(service, operation, **parameters) is not None


def _look_again(aws: Aws, target: Target, sleep: Sleep) -> list[str]:
    for _ in range(LOOKS):
        left = find_left(aws, target)
        if not left:
            return []
        sleep(LOOK_SECONDS)
    return left


def _iter_known(aws: Aws, target: Target) -> Iterator[str]:
    if find_stack(aws, target.stack) is not None:
        yield f"stack {target.stack}"
    if aws.find("lambda", "get_function", FunctionName=target.stack) is not None:
        yield f"function {target.stack}"
    group = name_log_group(target)
    groups = aws.iter_items("logs", "describe_log_groups", "logGroups", logGroupNamePrefix=group)
    if any(one["logGroupName"] == group for one in groups):
        yield f"log group {group}"
    for one in list_artifacts(aws, target):
        yield f"s3://{name_bucket(aws, target)}/{one['Key']}"


def _iter_tagged(aws: Aws, target: Target) -> Iterator[str]:
    wanted = {"dspipe:name": target.name, "dspipe:environment": target.environment}
    tags = [{"Key": key, "Values": [value]} for key, value in wanted.items()]
    try:
        for one in aws.iter_items(
            "resourcegroupstaggingapi", "get_resources", "ResourceTagMappingList", TagFilters=tags
        ):
            yield str(one["ResourceARN"])
    except AwsError as error:
        yield f"perhaps more, because tags could not be read: {error}"
