"""The frozen records that travel between rooms: what a run is, and what it learned."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from dspipe._extras import load_extra, load_workshop
from dspipe._kept import Kept
from dspipe._notices import Notice
from dspipe._text import count

if TYPE_CHECKING:
    import pandas as pd

OnBadRow = Literal["raise", "reject"]
STAGES = ("extract", "postprocess", "predict")


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where predictions come from.

    Attributes
    ----------
    pipeline : str
        Name of the class.
    commit : str or None
        Commit of the repository that holds the pipeline; ends in "-modified" when its file differs
        from that commit; None outside a repository.
    model_id, model_version : str or None
        What the predictor says of its model.
    dspipe_version : str
        Version of this package.
    as_of : datetime
        When the run began, in UTC.
    served : dict of str to object
        What the service of the model told beside its answers, added up; empty for a local model.
    """

    pipeline: str
    commit: str | None
    model_id: str | None
    model_version: str | None
    dspipe_version: str
    as_of: datetime
    served: Mapping[str, object] = field(default_factory=dict)

    def to_dict(self) -> dict[str, object]:
        """Give the fields by name, in their order; what a service told only where it did."""
        names = self.__slots__ if self.served else self.__slots__[:-1]
        return {name: getattr(self, name) for name in names}


@dataclass(frozen=True, slots=True)
class BatchResult:
    """What one batch came to; together the results of a run hold every extracted row once.

    Attributes
    ----------
    number : int
        Number of the batch, from 1.
    first_row : int
        Position of its first row in the order of `extract`, from 0.
    n_rows : int
        Rows extracted: scored and rejected.
    predictions : DataFrame of shape (n_scored, n_outputs)
        Indexed by the key, in the order of `extract`.
    rejected : DataFrame of shape (n_rejected, 2)
        Indexed by the key; columns ``stage`` and ``reason``.
    seconds : dict of str to float
        Time by stage; reading overlaps computing, so the sum can exceed the time that passed.
    notices : tuple of Notice
        What the contract let pass and said.
    served : dict of str to object
        What the service of the model told beside its answers.
    """

    number: int
    first_row: int
    n_rows: int
    predictions: "pd.DataFrame"
    rejected: "pd.DataFrame"
    seconds: Mapping[str, float]
    notices: tuple[Notice, ...] = ()
    served: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, repr=False)
class Run:
    """One execution of a pipeline and all it learned.

    Attributes
    ----------
    predictions : DataFrame of shape (n_scored, n_outputs)
        Indexed by the key, in the order of `extract`: ``prediction``, ``probability_<class>``,
        ``reason_<n>``.
    rejected : DataFrame of shape (n_rejected, 2)
        Rows that could not be scored, indexed by the key; columns ``stage`` and ``reason``.
    arguments : dict of str to object
        The checked arguments of `extract`.
    provenance : Provenance
        Pipeline, commit, model and time.
    rows : dict of str to int
        Rows that left each stage, and "rejected".
    seconds : dict of str to float
        Time by stage; reading overlaps computing, so the sum can exceed `total_seconds`.
    total_seconds : float
        Time from the call to the answer.
    n_batches : int
        Batches the rows came in.
    question : str
        First line of the pipeline's docstring: what is predicted.
    warnings : tuple of str
        What the contract let pass and said, added up over the batches.
    kept : Kept or None
        Rows for `record`; only `PredictionPipeline.run` keeps some.
    """

    predictions: "pd.DataFrame"
    rejected: "pd.DataFrame"
    arguments: Mapping[str, object]
    provenance: Provenance
    rows: Mapping[str, int]
    seconds: Mapping[str, float]
    total_seconds: float
    n_batches: int
    question: str = ""
    warnings: tuple[str, ...] = field(default=())
    kept: Kept | None = field(default=None, compare=False)

    def __repr__(self) -> str:
        scored, refused = len(self.predictions), len(self.rejected)
        return (
            f"<Run of {self.provenance.pipeline}: {count(scored, 'prediction')}, {refused:,} "
            f"rejected, {self.total_seconds:.3g} s>"
        )

    def _repr_html_(self) -> str:
        displays = load_workshop("dspipe.displays", needed_by="The display of a run")
        drawn: str = displays.draw_run(
            name=self.provenance.pipeline,
            question=self.question,
            predictions=self.predictions,
            rejected=self.rejected,
            rows=self.rows,
            seconds=self.seconds,
            total_seconds=self.total_seconds,
            arguments=self.arguments,
            provenance=self.provenance.to_dict(),
            warnings=self.warnings,
        )
        return drawn

    def record(
        self,
        name: str = "sample",
        *,
        tolerance: "Mapping[str, float] | None" = None,
        folder: str | Path | None = None,
    ) -> Path:
        """Keep this run as a golden run, which every copy of the pipeline must come to again.

        Nothing is asked of the database: the run kept its rows, or those of 1,000 keys of a run
        that has more. See ``dspipe.parity`` for what is written.

        Parameters
        ----------
        name : str, default="sample"
            Name of the golden run; letters, digits, ``-`` and ``_``. One of that name is replaced.
        tolerance : mapping of str to float, optional
            Largest relative difference by column; all other columns must be equal.
        folder : str or Path, optional
            Where golden runs are. By default ``golden`` beside the nearest pyproject.toml with
            ``[tool.dspipe]``.

        Returns
        -------
        Path
            The folder of the golden run; a notebook shows it with its rows and its size.

        Raises
        ------
        ParityError
            If the run kept no rows, or holds values that no file can.
        MissingExtraError
            If this is a package for Lambda, which has no workshop.
        """
        parity = load_workshop("dspipe.parity", needed_by="Run.record")
        place: Path = parity.record_run(self, name, tolerance=tolerance, folder=folder)
        return place

    def to_html(self, path: str | Path) -> Path:
        """Write the run as one self-contained page.

        Parameters
        ----------
        path : str or Path
            File to write; its folder is made when absent.

        Returns
        -------
        Path
            The absolute path of the page.

        Raises
        ------
        MissingExtraError
            If this is a package for Lambda, which has no workshop.
        """
        displays = load_workshop("dspipe.displays", needed_by="Run.to_html")
        title = f"Run of {self.provenance.pipeline}"
        return _write(Path(path), displays.page(title, self._repr_html_()))

    def to_parquet(self, path: str | Path) -> Path:
        """Write the predictions, the key as ordinary columns, to one Parquet file.

        The provenance is kept in the file's metadata under ``dspipe.``. Rejected rows are not in
        the file.

        Parameters
        ----------
        path : str or Path
            File to write; its folder is made when absent.

        Returns
        -------
        Path
            The absolute path of the file.

        Raises
        ------
        MissingExtraError
            If pyarrow is not installed.
        """
        pyarrow = load_extra("pyarrow", extra="parquet", needed_by="Run.to_parquet")
        parquet = load_extra("pyarrow.parquet", extra="parquet", needed_by="Run.to_parquet")
        table = pyarrow.Table.from_pandas(self.predictions.reset_index(), preserve_index=False)
        facts = {f"dspipe.{name}": str(value) for name, value in self.provenance.to_dict().items()}
        target = Path(path).resolve()
        target.parent.mkdir(parents=True, exist_ok=True)
        parquet.write_table(
            table.replace_schema_metadata({**table.schema.metadata, **facts}), target
        )
        return target


@dataclass(frozen=True, slots=True, repr=False)
class Preview:
    """The first rows after every stage, side by side.

    Attributes
    ----------
    pipeline : str
        Name of the class.
    extracted : DataFrame
        What `extract` gave.
    features : DataFrame
        What reaches `predict`: after `postprocess` and the contract, the key in the index.
    predictions : DataFrame
        The answers, indexed by the key; empty when the pipeline has no predictor yet.
    rejected : DataFrame
        Rows that could not be scored; columns ``stage`` and ``reason``.
    note : str
        Why there are no predictions; empty when there are.
    """

    pipeline: str
    extracted: "pd.DataFrame"
    features: "pd.DataFrame"
    predictions: "pd.DataFrame"
    rejected: "pd.DataFrame"
    note: str = ""

    def __repr__(self) -> str:
        return f"<Preview of {self.pipeline}: {count(len(self.extracted), 'row')}>"

    def _repr_html_(self) -> str:
        displays = load_workshop("dspipe.displays", needed_by="The display of a preview")
        frames = {"extract": self.extracted, "features": self.features, "predict": self.predictions}
        if len(self.rejected):
            frames["rejected"] = self.rejected
        note = f"first {count(len(self.extracted), 'row')} of every stage"
        drawn: str = displays.draw_preview(
            name=self.pipeline, frames=frames, note=note, warning=self.note
        )
        return drawn


def _write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path.resolve()
