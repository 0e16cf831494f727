"""The one place that calls AWS: a session is handed in, and every refusal becomes a sentence."""

import os
from collections.abc import Iterator
from functools import cached_property
from typing import Any, Protocol

from dspipe._extras import load_extra
from dspipe.deploy.aws._refusals import AwsError, Call, explain

# A function may work for 15 minutes before it answers, and is never to be invoked twice.
INVOKE_SECONDS = 930
CALL_SECONDS = 60


class Session(Protocol):
    """What dspipe asks of `boto3.Session`, so that a test can hand in another."""

    @property
    def region_name(self) -> str | None:
        """The region of the user's profile or environment."""

    def client(self, service_name: str, **options: Any) -> Any:
        """Make the client of a service."""


class Aws:
    """Call AWS in one account and region.

    Parameters
    ----------
    region : str, optional
        The region; when not given, that of the variable AWS_REGION, else the one that boto3 finds.
    session : Session, optional
        Gives the clients; a new `boto3.Session` when not given.

    Notes
    -----
    Nothing is called, and no credentials are looked for, before the first call.
    """

    def __init__(self, region: str | None = None, *, session: Session | None = None) -> None:
        self._asked_region = region
        self._given_session = session
        self._clients: dict[str, Any] = {}

    @cached_property
    def region(self) -> str:
        """The region that all calls go to.

        Raises
        ------
        AwsError
            If nobody has said which.
        """
        region = self._asked_region or self._session.region_name
        if region is None:
            raise AwsError(
                "No AWS region is set. dspipe needs to know where the function lives. Set region "
                "in [tool.dspipe.deploy], or the variable AWS_REGION, or that of your profile.",
                code="NoRegion",
            )
        return region

    @cached_property
    def account(self) -> str:
        """The number of the account that the credentials belong to."""
        return str(self.call("sts", "get_caller_identity")["Account"])

    def call(self, service: str, operation: str, **parameters: Any) -> dict[str, Any]:
        """Call an operation, such as ``call("sqs", "list_queues", QueueNamePrefix="a")``.

        Raises
        ------
        AwsError
            If AWS refuses or cannot be reached; its `code` says why.
        """
        try:
            client = self._client(service, is_invoke=operation == "invoke")
            answer: dict[str, Any] = getattr(client, operation)(**parameters)
        except self._foreign_errors as error:
            raise explain(error, Call(service, operation, parameters)) from error
        return answer

    def find(self, service: str, operation: str, **parameters: Any) -> dict[str, Any] | None:
        """Call an operation, and give None where AWS knows no such thing."""
        try:
            return self.call(service, operation, **parameters)
        except AwsError as error:
            if error.is_absent:
                return None
            raise

    def iter_items(
        self, service: str, operation: str, field: str, **parameters: Any
    ) -> Iterator[dict[str, Any]]:
        """Go through all pages of a list, one item at a time, or none where there is no such thing.

        Raises
        ------
        AwsError
            As `call` does.
        """
        try:
            pages = self._client(service).get_paginator(operation).paginate(**parameters)
            for page in pages:
                yield from page.get(field) or ()
        except self._foreign_errors as error:
            refusal = explain(error, Call(service, operation, parameters))
            if not refusal.is_absent:
                raise refusal from error

    @cached_property
    def _session(self) -> Session:
        if self._given_session is not None:
            return self._given_session
        boto3 = load_extra("boto3", extra="deploy", needed_by="A deployment")
        # boto3 knows AWS_DEFAULT_REGION alone; all other tools of AWS know this one.
        session: Session = boto3.Session(region_name=os.environ.get("AWS_REGION") or None)
        return session

    @cached_property
    def _foreign_errors(self) -> tuple[type[Exception], ...]:
        errors = load_extra("botocore.exceptions", extra="deploy", needed_by="A deployment")
        return (errors.BotoCoreError, errors.ClientError)

    def _client(self, service: str, *, is_invoke: bool = False) -> Any:
        name = f"{service} invoke" if is_invoke else service
        if name not in self._clients:
            config = load_extra("botocore.config", extra="deploy", needed_by="A deployment")
            self._clients[name] = self._session.client(
                service,
                region_name=self.region,
                config=config.Config(
                    connect_timeout=10,
                    read_timeout=INVOKE_SECONDS if is_invoke else CALL_SECONDS,
                    retries={"mode": "standard", "total_max_attempts": 1 if is_invoke else 6},
                ),
            )
        return self._clients[name]
