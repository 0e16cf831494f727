"""Carry out a plan, step by step: what fails leaves the version that served before in its place."""

import hashlib
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from dspipe.deploy._draft import Draft
from dspipe.deploy._plan import Step
from dspipe.deploy._smoke import check_version
from dspipe.deploy._traffic import move_alias, shift_traffic
from dspipe.deploy.aws._artifacts import name_key, prepare_bucket, upload
from dspipe.deploy.aws._calls import Aws
from dspipe.deploy.aws._change_sets import (
    MOST_TEXT_BYTES,
    Change,
    Request,
    Say,
    Sleep,
    create_change_set,
    remove_change_set,
    remove_empty_stack,
)
from dspipe.deploy.aws._stack_events import Notify, execute
from dspipe.deploy.aws._state import LIVE_VERSION, State, find_stack, read_state
from dspipe.errors import DeployError

# The number of the first version of every function, which a plan of the whole stack needs to show.
FIRST_VERSION = "1"


@dataclass(frozen=True, slots=True)
class Deployment:
    """What came of a deployment.

    Attributes
    ----------
    version : str or None
        The version that serves now.
    previous : str or None
        The one that served before.
    outputs : mapping of str to str
        What the stack tells of itself, such as its URL.
    n_seconds : float
    """

    version: str | None
    previous: str | None
    outputs: Mapping[str, str]
    n_seconds: float


class Executor:
    """Carry out the plan of one draft.

    Parameters
    ----------
    aws : Aws
        Calls AWS.
    draft : Draft
        What is wanted.
    notify : callable
        Is told each event of the stack.
    say : callable
        Is told each step.
    sleep : callable
        Waits for a number of seconds.
    now : callable
        Gives seconds, to name change sets and to take the time.
    """

    def __init__(
        self,
        aws: Aws,
        draft: Draft,
        *,
        notify: Notify,
        say: Say,
        sleep: Sleep = time.sleep,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._aws, self._draft, self._target = aws, draft, draft.target
        self._notify, self._say, self._sleep, self._now = notify, say, sleep, now
        self._published = draft.state.published
        self._n_change_sets = 0

    def preview(self) -> tuple[Change, ...]:
        """Ask CloudFormation what would change, and change nothing.

        Raises
        ------
        DeployError
            If CloudFormation refuses the template, or it is too long to be shown without a bucket.
        """
        draft = self._draft
        if not any(step.kind == "apply" for step in draft.plan.steps):
            return ()
        if len(draft.text.encode()) > MOST_TEXT_BYTES:
            raise DeployError(
                f"The template of {self._target.stack} is longer than {MOST_TEXT_BYTES:,} bytes, "
                f"and CloudFormation reads such a one from a bucket only. A plan uploads nothing: "
                f"read the template with --template-only, or deploy."
            )
        # A new stack is created in two strides; a reader wants to see all that will be there.
        live = FIRST_VERSION if draft.plan.is_first else draft.plan.parameters[LIVE_VERSION]
        request = self._ask({"TemplateBody": draft.text}, live)
        try:
            made = create_change_set(
                self._aws, draft.state, self._target, request, sleep=self._sleep
            )
            if made is None:
                return ()
            remove_change_set(self._aws, made, self._target)
        except BaseException:
            remove_empty_stack(self._aws, self._target)
            raise
        return made.changes

    def run(self) -> Deployment:
        """Carry out the plan.

        Raises
        ------
        DeployError
            If a step fails. Until the last one, what served before serves on.
        """
        start, before = self._now(), self._draft.state.live
        for step in self._draft.plan.steps:
            self._say(f"{step.text}.")
            self._carry_out(step)
        stack = find_stack(self._aws, self._target.stack) or {}
        return Deployment(
            version=self._published if self._draft.plan else before,
            previous=before,
            outputs={one["OutputKey"]: one["OutputValue"] for one in stack.get("Outputs") or ()},
            n_seconds=self._now() - start,
        )

    def _carry_out(self, step: Step) -> None:
        actions = {
            "upload": self._upload,
            "apply": self._apply,
            "check": self._check,
            "route": self._route,
            "move": self._move,
        }
        actions[step.kind]()

    def _upload(self) -> None:
        artifact = self._draft.artifact
        if artifact.file is None:
            raise DeployError(
                f"The package of {self._target.stack} is an image, and dspipe pushes none. Push "
                f"it, and deploy it with --image URI."
            )
        bucket = prepare_bucket(self._aws, self._target)
        if not upload(self._aws, bucket, artifact.key, artifact.file, sha256=artifact.sha256):
            self._say(f"It lies in s3://{bucket} already.")

    def _apply(self) -> None:
        self._change(self._draft.plan.parameters[LIVE_VERSION], self._draft.state)
        state = self._read_state()
        if state.published is None:
            raise DeployError(
                f"The stack {self._target.stack} published no version, so nothing can be checked. "
                f"Its template needs a resource of the type AWS::Lambda::Version."
            )
        self._published = state.published

    def _check(self) -> None:
        version = self._known_version
        told = check_version(
            self._aws, self._target, version, self._draft.sample, sleep=self._sleep
        )
        self._say(f"Version {version} answers as it should.")
        # Not refused: a database that is down must not keep a correction from being deployed.
        if fault := told.payload.get("source_fault"):
            self._say(
                f"But its source 'default' does not answer ({fault}), so runs that read it will "
                f"fail. Check its url or secret, and vpc; then: dspipe logs{self._target.option}"
            )
        self._check_goldens(version)

    def _check_goldens(self, version: str) -> None:
        draft = self._draft
        if draft.goldens and draft.package is not None:
            from dspipe.deploy._golden_smoke import check_goldens

            for told in check_goldens(
                self._aws, self._target, version, draft.goldens, draft.package
            ):
                self._say(told)

    def _route(self) -> None:
        # The stack is there by now, whatever it was when the plan was made.
        self._change(self._known_version, replace(self._draft.state, status="CREATE_COMPLETE"))

    def _move(self) -> None:
        new, old, canary = self._known_version, self._draft.state.live, self._draft.canary
        if canary is None or old is None or old == new:
            move_alias(self._aws, self._target, new)
        else:
            shift_traffic(
                self._aws, self._target, old, new, canary, say=self._say, sleep=self._sleep
            )

    @property
    def _known_version(self) -> str:
        if self._published is None:
            raise DeployError(
                f"No version of {self._target.stack} is known. Run: dspipe "
                f"status{self._target.option}"
            )
        return self._published

    def _change(self, live: str, state: State) -> None:
        request = self._ask(self._hand_over(), live)
        made = create_change_set(self._aws, state, self._target, request, sleep=self._sleep)
        if made is not None:
            execute(self._aws, made, self._target, notify=self._notify, sleep=self._sleep)

    def _ask(self, body: Mapping[str, str], live: str) -> Request:
        self._n_change_sets += 1
        name = f"dspipe-{int(self._now() * 1_000)}-{self._n_change_sets}"
        return Request(name, body, {LIVE_VERSION: live}, self._draft.tags)

    def _hand_over(self) -> dict[str, str]:
        content = self._draft.text.encode()
        if len(content) <= MOST_TEXT_BYTES:
            return {"TemplateBody": self._draft.text}
        bucket = prepare_bucket(self._aws, self._target)
        key = name_key(self._target, hashlib.sha256(content).hexdigest(), "yaml")
        upload(self._aws, bucket, key, content)
        region = self._aws.region
        return {"TemplateURL": f"https://{bucket}.s3.{region}.amazonaws.com/{key}"}

    def _read_state(self) -> State:
        return read_state(self._aws, self._target)
