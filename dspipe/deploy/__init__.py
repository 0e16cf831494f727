"""Deployments: the settings, the template that a platform team can read, what a plan changes."""

from typing import TYPE_CHECKING

from dspipe._lazy import lazy_names

if TYPE_CHECKING:
    from dspipe.deploy.settings._file import load_settings
    from dspipe.deploy.settings._record import DeploySettings
    from dspipe.deploy.template._artifact_facts import ArtifactFacts
    from dspipe.deploy.template._make import make_template
    from dspipe.deploy.template._policy_changes import PolicyChange, diff_policies
    from dspipe.deploy.template._render import read_template, write_template

__all__ = [
    "ArtifactFacts",
    "DeploySettings",
    "PolicyChange",
    "diff_policies",
    "load_settings",
    "make_template",
    "read_template",
    "write_template",
]

__getattr__, __dir__ = lazy_names(
    globals(),
    {
        "ArtifactFacts": "dspipe.deploy.template._artifact_facts",
        "DeploySettings": "dspipe.deploy.settings._record",
        "PolicyChange": "dspipe.deploy.template._policy_changes",
        "diff_policies": "dspipe.deploy.template._policy_changes",
        "load_settings": "dspipe.deploy.settings._file",
        "make_template": "dspipe.deploy.template._make",
        "read_template": "dspipe.deploy.template._render",
        "write_template": "dspipe.deploy.template._render",
    },
)
