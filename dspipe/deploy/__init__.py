"""Deployments: the settings, the template that a platform team can read, what a plan changes."""

from typing import TYPE_CHECKING

from dspipe._lazy import lazy_names

if TYPE_CHECKING:
    from dspipe.deploy._artifact_facts import ArtifactFacts
    from dspipe.deploy._policy_changes import PolicyChange, diff_policies
    from dspipe.deploy._render import read_template, write_template
    from dspipe.deploy._settings import DeploySettings
    from dspipe.deploy._settings_file import load_settings
    from dspipe.deploy._template import make_template

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
        "ArtifactFacts": "dspipe.deploy._artifact_facts",
        "DeploySettings": "dspipe.deploy._settings",
        "PolicyChange": "dspipe.deploy._policy_changes",
        "diff_policies": "dspipe.deploy._policy_changes",
        "load_settings": "dspipe.deploy._settings_file",
        "make_template": "dspipe.deploy._template",
        "read_template": "dspipe.deploy._render",
        "write_template": "dspipe.deploy._render",
    },
)
