"""What AWS holds of a deployment: its stack, its versions and what the alias points to."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from dspipe.deploy.aws._calls import Aws

if TYPE_CHECKING:
    from dspipe.deploy.settings._record import DeploySettings

ALIAS = "live"
LIVE_VERSION = "LiveVersion"
NO_TEXTS: Mapping[str, str] = MappingProxyType({})
NO_WEIGHTS: Mapping[str, float] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Target:
    """Name what is deployed, and where its artifacts go.

    Attributes
    ----------
    name : str
        Name of the deployment, such as "flights".
    environment : str
        Such as "dev".
    stack : str
        Name of the stack and of the function.
    bucket : str or None
        Bucket of artifacts; None for one of dspipe's own in the account.
    """

    name: str
    environment: str
    stack: str
    bucket: str | None = None

    @property
    def option(self) -> str:
        """What names the environment on the command line, with a space before it."""
        return f" --env {self.environment}"


@dataclass(frozen=True, slots=True)
class State:
    """What AWS holds of one deployment.

    Attributes
    ----------
    status : str or None
        Status of the stack; None when there is none.
    template : mapping or None
        The template that the stack was last given.
    parameters : mapping of str to str
        The parameters of the stack.
    live : str or None
        The version that the alias points to; None without an alias.
    weights : mapping of str to float
        Versions that get a share of the calls beside it.
    published : str or None
        The version that the template published.
    """

    status: str | None = None
    template: Mapping[str, Any] | None = None
    parameters: Mapping[str, str] = field(default_factory=lambda: NO_TEXTS)
    live: str | None = None
    weights: Mapping[str, float] = field(default_factory=lambda: NO_WEIGHTS)
    published: str | None = None

    @property
    def exists(self) -> bool:
        """Whether the stack holds anything: a change set alone is nothing yet."""
        return self.status not in (None, "REVIEW_IN_PROGRESS")


def find_target(settings: "DeploySettings") -> Target:
    """Name what the settings of a deployment describe."""
    return Target(settings.name, settings.env, settings.stack_name, settings.bucket)


def read_state(aws: Aws, target: Target) -> State:
    """Read what AWS holds of a deployment.

    Parameters
    ----------
    aws : Aws
        Calls AWS.
    target : Target
        The deployment.

    Raises
    ------
    AwsError
        If AWS refuses.
    """
    stack = find_stack(aws, target.stack)
    if stack is None:
        return State()
    status = str(stack["StackStatus"])
    if status == "REVIEW_IN_PROGRESS":
        return State(status=status)
    template = _read_template(aws, target.stack)
    live, weights = read_alias(aws, target.stack)
    return State(
        status=status,
        template=template,
        parameters=_read_parameters(stack),
        live=live,
        weights=weights,
        published=_find_published(aws, target.stack, template),
    )


def find_stack(aws: Aws, name: str) -> dict[str, Any] | None:
    """Find what AWS says of a stack, by its name or its id."""
    answer = aws.find("cloudformation", "describe_stacks", StackName=name)
    stacks = (answer or {}).get("Stacks") or []
    return stacks[0] if stacks else None


def read_alias(aws: Aws, function: str) -> tuple[str | None, dict[str, float]]:
    """Read which version the alias of a function points to, and the shares of others."""
    alias = aws.find("lambda", "get_alias", FunctionName=function, Name=ALIAS)
    if alias is None:
        return None, {}
    routing = alias.get("RoutingConfig") or {}
    weights = routing.get("AdditionalVersionWeights") or {}
    return str(alias["FunctionVersion"]), {str(v): float(w) for v, w in weights.items()}


def find_version_id(template: Mapping[str, Any] | None) -> str | None:
    """Find the logical id of the version in a template.

    >>> find_version_id({"Resources": {"Version1a2b": {"Type": "AWS::Lambda::Version"}}})
    'Version1a2b'
    """
    resources = (template or {}).get("Resources", {})
    found = [name for name, one in resources.items() if one.get("Type") == "AWS::Lambda::Version"]
    return found[0] if found else None


def _read_template(aws: Aws, stack: str) -> Mapping[str, Any]:
    from dspipe.deploy.template._render import read_template

    answer = aws.call("cloudformation", "get_template", StackName=stack, TemplateStage="Original")
    body = answer["TemplateBody"]
    # The client parses JSON on its own, and leaves YAML as it is.
    template: Mapping[str, Any] = read_template(body) if isinstance(body, str) else body
    return template


def _read_parameters(stack: Mapping[str, Any]) -> dict[str, str]:
    return {
        one["ParameterKey"]: one.get("ParameterValue", "") for one in stack.get("Parameters") or ()
    }


def _find_published(aws: Aws, stack: str, template: Mapping[str, Any]) -> str | None:
    name = find_version_id(template)
    if name is None:
        return None
    answer = aws.find(
        "cloudformation", "describe_stack_resource", StackName=stack, LogicalResourceId=name
    )
    physical = (answer or {}).get("StackResourceDetail", {}).get("PhysicalResourceId")
    return str(physical).rpartition(":")[2] if physical else None
