"""What the stand-in knows: one account, its deployments, and the journal of what was asked."""

import itertools
import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from datarobot_service.stand_in.batch_jobs import Jobs, Pace
from datarobot_service.stand_in.deployments import Deployment
from datarobot_service.stand_in.faults import Faults

MEGABYTE = 1_048_576


@dataclass
class Limits:
    """What a request may ask for.

    Attributes
    ----------
    body_bytes : int
        Largest body of a scoring request, unpacked; DataRobot's own is 50 MB.
    at_once : int or None
        Scoring requests at the same time; one more is answered with 429.
    retry_after : str or None
        The header that goes with such a 429.
    """

    body_bytes: int = 50 * MEGABYTE
    at_once: int | None = None
    retry_after: str | None = None


@dataclass(frozen=True)
class Seen:
    """One request that was answered, or lost.

    Attributes
    ----------
    method, path : str
    query : list of (str, str)
    headers : dict of str to str
        Names in lower case.
    size_bytes : int
        Length of the body as sent.
    n_rows : int
        Rows to score.
    status : int
        Of the answer; 0 when the connection ended before one.
    connection : int
        Requests with the same number came over one connection.
    """

    method: str
    path: str
    query: list[tuple[str, str]]
    headers: dict[str, str]
    size_bytes: int
    n_rows: int
    status: int
    connection: int

    @property
    def is_scoring(self) -> bool:
        """Whether rows were to be scored."""
        return self.path.rstrip("/").endswith("/predictions")


class Ids:
    """Ids of 24 hexadecimal digits, the same ones in every process."""

    def __init__(self) -> None:
        self.numbers = itertools.count(1)

    def make(self) -> str:
        """Give the next."""
        return f"64a0{next(self.numbers):020x}"


@dataclass
class Account:
    """Everything behind the routes.

    Attributes
    ----------
    url : str
        Where the stand-in listens.
    folder : Path
        Where batch jobs are kept.
    objects : dict of str to bytes
        What remote places hold: ``s3://bucket/key``, ``jdbc:STORE:TABLE``.
    token, key : str
        What clients must send; a test may change them.
    version : str
        What the service says of itself.
    delay_seconds : float
        How long each scoring request takes, at least.
    works, looks_of_work, end_of_work : dict, int, str
        What takes a while, how often it is not done yet, and how it ends.
    datasets, projects, packages : dict
        Tables, projects and registered models by their ids.
    """

    folder: Path
    url: str = ""
    token: str = "stand-in-token"  # noqa: S105 - no secret
    key: str = "stand-in-datarobot-key"
    version: str = "2.49.0"
    delay_seconds: float = 0.0
    limits: Limits = field(default_factory=Limits)
    faults: Faults = field(default_factory=Faults)
    deployments: dict[str, Deployment] = field(default_factory=dict)
    requests: list[Seen] = field(default_factory=list)
    crashes: list[Exception] = field(default_factory=list)
    ids: Ids = field(default_factory=Ids)
    lock: threading.RLock = field(default_factory=threading.RLock)
    objects: dict[str, bytes] = field(default_factory=dict)
    pace: Pace = field(default_factory=Pace)
    works: dict[str, Any] = field(default_factory=dict)
    looks_of_work: int = 1
    end_of_work: str = "COMPLETED"
    datasets: dict[str, Any] = field(default_factory=dict)
    projects: dict[str, Any] = field(default_factory=dict)
    packages: dict[str, Any] = field(default_factory=dict)
    n_at_once: int = 0
    most_at_once: int = 0
    jobs: Jobs = field(init=False)

    def __post_init__(self) -> None:
        """Read the jobs that an earlier process left."""
        self.jobs = Jobs(self.folder / "batch_jobs")

    @property
    def endpoint(self) -> str:
        """Root of the API, as clients are told it."""
        return f"{self.url}/api/v2"
