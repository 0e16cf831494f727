"""Batch jobs: each has a folder with its record, intake and output; a restart keeps them."""

import json
import shutil
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

FINISHED = ("COMPLETED", "ABORTED", "FAILED")


@dataclass
class Pace:
    """How fast jobs go on, and how they end; each look at a job is one step of all of them.

    Attributes
    ----------
    looks_before : int
        Looks at a job that is ready before it runs.
    rows_a_look : int or None
        Rows scored by each look; None scores all by the first.
    ends_after_rows : int or None
        Rows after which the job ends as `end` says, which is then no success.
    end : str
        ``ABORTED`` or ``FAILED``.
    """

    looks_before: int = 0
    rows_a_look: int | None = None
    ends_after_rows: int | None = None
    end: str = "FAILED"


@dataclass
class Job:
    """One job.

    Attributes
    ----------
    id : str
    spec : dict
        What was asked for, with defaults.
    folder : Path
    status : str
        ``INITIALIZING``, ``RUNNING``, ``COMPLETED``, ``ABORTED`` or ``FAILED``.
    details : str
        The status in words.
    is_ready : bool
        Whether the intake is all there.
    n_looks : int
        Looks since it was ready.
    n_rows, n_scored, n_failed : int
        Rows of the intake; those with a prediction; those without.
    n_written_bytes : int
        Length of the output that belongs to the rows that were counted.
    logs : list of str
    are_results_deleted : bool
    """

    id: str
    spec: dict[str, Any]
    folder: Path
    status: str = "INITIALIZING"
    details: str = "Job submitted"
    is_ready: bool = False
    n_looks: int = 0
    n_rows: int = 0
    n_scored: int = 0
    n_failed: int = 0
    n_written_bytes: int = 0
    logs: list[str] = field(default_factory=lambda: ["Job created"])
    are_results_deleted: bool = False

    @property
    def intake(self) -> Path:
        """The rows to score."""
        return self.folder / "intake.csv"

    @property
    def output(self) -> Path:
        """The scored rows."""
        return self.folder / "output.csv"

    @property
    def is_finished(self) -> bool:
        """Whether nothing more will happen."""
        return self.status in FINISHED

    @property
    def n_done(self) -> int:
        """Rows that were gone through."""
        return self.n_scored + self.n_failed

    @property
    def has_output(self) -> bool:
        """Whether there is something to download."""
        is_local = self.spec["outputSettings"]["type"] == "localFile"
        return is_local and self.output.exists() and not self.are_results_deleted

    def move(self, status: str, details: str) -> None:
        """Change the status, and say so in the log."""
        self.status, self.details = status, details
        self.logs.append(details)

    def save(self) -> None:
        """Write the record so that it is whole at any moment."""
        record = asdict(self) | {"folder": None}
        draft = self.folder / "job.json.new"
        draft.write_text(json.dumps(record), encoding="utf-8")
        draft.replace(self.folder / "job.json")

    def describe(self, endpoint: str, position: int) -> dict[str, Any]:
        """Describe the job as the API does; a position above 0 is one in the queue."""
        address = f"{endpoint}/batchPredictions/{self.id}/"
        links = {"self": address}
        if self.spec["intakeSettings"]["type"] == "localFile" and not self.is_ready:
            links["csvUpload"] = f"{address}csvUpload/"
        if self.has_output:
            links["download"] = f"{address}download/"
        share = 100.0 * self.n_done / self.n_rows if self.n_rows else 0.0
        return {
            "id": self.id,
            "status": self.status,
            "percentageCompleted": 100.0 if self.status == "COMPLETED" else share,
            "elapsedTimeSec": self.n_looks,
            "scoredRows": self.n_scored,
            "failedRows": self.n_failed,
            "skippedRows": 0,
            "jobIntakeSize": self.intake.stat().st_size if self.intake.exists() else 0,
            "jobOutputSize": self.n_written_bytes,
            "statusDetails": self.details,
            "logs": self.logs,
            "created": "2026-01-01T00:00:00Z",
            "createdBy": {"userId": "u", "username": "user", "fullName": None},
            "queued": position > 0,
            "queuePosition": position or None,
            "resultsDeleted": self.are_results_deleted,
            "source": "Python API",
            "jobSpec": self.spec,
            "links": links,
        }


@dataclass
class Jobs:
    """All jobs of an account, in the order in which they were made.

    Attributes
    ----------
    folder : Path
        Read when this is made.
    """

    folder: Path
    by_id: dict[str, Job] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Read the jobs that were there before."""
        for path in sorted(self.folder.glob("*/job.json")):
            record = json.loads(path.read_text(encoding="utf-8"))
            self.by_id[record["id"]] = Job(**record | {"folder": path.parent})

    def add(self, spec: dict[str, Any]) -> Job:
        """Make a job."""
        job_id = f"64b0{len(self.by_id) + 1:020x}"
        job = Job(job_id, spec, self.folder / job_id)
        job.folder.mkdir(parents=True)
        self.by_id[job_id] = job
        job.save()
        return job

    def iter_waiting(self) -> Iterator[Job]:
        """Give the jobs that run or could, the first of which has its turn."""
        for job in self.by_id.values():
            if job.is_ready and not job.is_finished:
                yield job

    def find_position(self, job: Job) -> int:
        """Find how many jobs have their turn before; 0 for one that is not ready."""
        waiting = list(self.iter_waiting())
        return waiting.index(job) if job in waiting else 0

    def delete_results(self, job: Job) -> None:
        """Remove what a job has written and read."""
        for path in job.folder.iterdir():
            if path.name != "job.json":
                shutil.rmtree(path) if path.is_dir() else path.unlink()
        job.are_results_deleted = True
        job.save()
