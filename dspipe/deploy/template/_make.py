"""The CloudFormation template of a deployment: plain resources that a platform team can own.

It is applied in two steps. With an empty `LiveVersion` the function is published and nothing calls
it yet, so that the new version can be tried; with the number of a version the alias stands there,
and everything that invokes the function is made.
"""

from dspipe.deploy.settings._record import DeploySettings
from dspipe.deploy.template._alarms import make_alarm_resources
from dspipe.deploy.template._artifact_facts import ArtifactFacts
from dspipe.deploy.template._events import make_event_resources
from dspipe.deploy.template._function import make_function_resources
from dspipe.deploy.template._http import make_http_resources
from dspipe.deploy.template._intrinsics import HAS_LIVE, LIVE, Json, get_att, ref
from dspipe.deploy.template._policy import make_role
from dspipe.deploy.template._queues import make_queue_resources
from dspipe.errors import ConfigurationError

LIVE_VERSION = "LiveVersion"
VERSION = "AWS::Lambda::Version"


def make_template(settings: DeploySettings, facts: ArtifactFacts) -> Json:
    """Write the template of a deployment.

    Parameters
    ----------
    settings : DeploySettings
        What is wanted.
    facts : ArtifactFacts
        The package.

    Returns
    -------
    dict
        A template; equal settings and facts give an equal one. `write_template` makes it text.

    Raises
    ------
    ConfigurationError
        If SnapStart is wanted for an image.

    Examples
    --------
    >>> from pathlib import Path
    >>> settings = DeploySettings(root=Path(), env="dev", name="late", pipeline="late.py:Late")
    >>> template = make_template(settings, ArtifactFacts("0a" * 32, "artifacts", "late/0a.zip"))
    >>> list(template["Resources"])
    ['Role', 'LogGroup', 'Function', 'Version...', 'Live', 'ErrorsAlarm', ...]
    """
    _check_format(settings, facts)
    tags = make_tags(settings)
    resources = {
        "Role": make_role(settings, tags),
        **make_function_resources(settings, facts, tags),
        **make_http_resources(settings, tags),
        **make_queue_resources(settings, tags),
        **make_event_resources(settings, tags),
        **make_alarm_resources(settings, tags),
    }
    return {
        "AWSTemplateFormatVersion": "2010-09-09",
        "Description": f"dspipe: {settings.name}, {settings.env} ({settings.pipeline})",
        "Parameters": _make_parameters(),
        "Conditions": {HAS_LIVE: {"Fn::Not": [{"Fn::Equals": [ref(LIVE_VERSION), ""]}]}},
        "Resources": resources,
        "Outputs": _make_outputs(resources),
    }


def make_tags(settings: DeploySettings) -> dict[str, str]:
    """Name what every resource carries, so that all of a deployment can be found again.

    The commit is on the function alone: on every resource it would make every deployment of code
    change all of them.
    """
    return {
        "dspipe:name": settings.name,
        "dspipe:environment": settings.env,
        **settings.tags,
    }


def find_version_id(template: Json) -> str:
    """Find the logical id of the version that a template publishes."""
    resources = template["Resources"].items()
    names: list[str] = [name for name, found in resources if found["Type"] == VERSION]
    return names[0]


def _check_format(settings: DeploySettings, facts: ArtifactFacts) -> None:
    if facts.format == "image" and settings.snap_start:
        raise ConfigurationError(
            f"The package of {settings.name} is a container image, and 'snap_start' works with zip "
            f"packages. Set snap_start = false, or make the package fit a zip."
        )


def _make_parameters() -> Json:
    return {
        LIVE_VERSION: {
            "Type": "String",
            "Default": "",
            "AllowedPattern": "([1-9][0-9]*)?",
            "Description": (
                "Version that the alias stands on. Empty: the function is published and nothing "
                "calls it yet."
            ),
        }
    }


def _make_outputs(resources: Json) -> Json:
    outputs = {
        "FunctionName": _output("The function.", ref("Function")),
        "Version": _output(
            "The version that this template publishes.",
            get_att(find_version_id({"Resources": resources}), "Version"),
        ),
        "LogGroup": _output("Where the log is.", ref("LogGroup")),
        "Role": _output(
            "What the function runs as, for policies of others.", get_att("Role", "Arn")
        ),
        "Alias": _output("What to invoke.", ref(LIVE), is_live=True),
    }
    if "Url" in resources:
        outputs["Url"] = _output("The URL.", get_att("Url", "FunctionUrl"), is_live=True)
    if "Api" in resources:
        outputs["Api"] = _output("The API.", get_att("Api", "ApiEndpoint"), is_live=True)
    for name in ("Queue", "DeadLetters", "FailedEvents"):
        if name in resources:
            outputs[name] = _output("URL of the queue.", ref(name))
    return outputs


def _output(description: str, value: Json, *, is_live: bool = False) -> Json:
    condition = {"Condition": HAS_LIVE} if is_live else {}
    return {"Description": description, **condition, "Value": value}
