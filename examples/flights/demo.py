"""Show the whole story: load the flights, train the model, predict one day, write the report.

What was made before by the same code and data is used again, so a second run takes seconds.
"""

import os

# Threads that wait without spinning train three times faster on a busy machine, and no slower on
# an idle one. The library concerned reads this when it is loaded, so it stands before the imports.
os.environ.setdefault("OMP_WAIT_POLICY", "passive")

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from time import perf_counter
from typing import Any

import pandas as pd
from load import DATABASE, load_flights
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from dspipe import Run, sql

HERE = Path(__file__).resolve().parent
DAY = date(2013, 10, 7)  # thunderstorms: on a quiet day hardly any flight is worth a table
MOST_ROWS = 12
BAR_WIDTH = 10


def main() -> None:
    """Run the demo and print what came of it."""
    console = Console(highlight=False)
    console.print("[bold]Will this flight arrive more than 15 minutes late?[/]")
    console.print("Flights from New York, 2013. The model learns January to September.\n")
    load(console)
    metrics = train(console)
    run = predict(console, DAY)
    report = run.to_html(HERE / "reports" / f"flight_delay-{DAY}.html")
    flights = add_facts(run, DAY)
    console.print(draw_flights(flights))
    console.print(draw_stages(run))
    print_quality(console, flights, metrics)
    console.print(f"\nReport of this run: [bold]{report}[/]", soft_wrap=True)


def load(console: Console) -> None:
    """Load the database, unless it is there."""
    with step(console, "Load the flights") as tell:
        is_new = load_flights(on_table=lambda name, n_rows: tell(f"{n_rows:,} {name}"))
        size = f"{DATABASE.name}, {DATABASE.stat().st_size / 1e6:.0f} MB"
        tell(size if is_new else f"{size}, from before")


def train(console: Console) -> dict[str, float]:
    """Train the model, unless it is there, and give its measures."""
    with step(console, "Train the model") as tell:
        tell("starting scikit-learn")  # seconds on a cold machine, so not among the imports
        from train import MODEL, train_model

        steps: list[str] = []

        def on_step(text: str) -> None:
            steps.append(text)
            tell(text)

        card = train_model(on_step=on_step).card
        tell(f"{MODEL.name}, model {card.model_id}{'' if steps else ', from before'}")
    return dict(card.metrics)


def predict(console: Console, day: date) -> Run:
    """Run the pipeline for one day."""
    with step(console, f"Predict {day:%A} {day.day} {day:%B}") as tell:
        from flight_delay import FlightDelay

        run = FlightDelay().run(day=day)
        tell(f"{len(run.predictions):,} predictions, {len(run.rejected):,} rows rejected")
    return run


@contextmanager
def step(console: Console, title: str) -> Iterator[Callable[[str], None]]:
    """Show that a step is at work and what it says; when it is done, leave a line with its time."""
    started, said = perf_counter(), ""

    def tell(text: str) -> None:
        nonlocal said
        said = text
        status.update(f"{title}: {text}")

    with console.status(title) as status:
        yield tell
    seconds = perf_counter() - started
    console.print(f"[green]✓[/] {title:<28} {seconds:5.1f} s   [dim]{said}[/]", soft_wrap=True)


def add_facts(run: Run, day: date) -> pd.DataFrame:
    """Join what a person knows a flight by, and what became of it."""
    query = sql(
        """
        select
            flight_id, carrier, flight_number, airlines.name as airline, origin, destination,
            scheduled_departure, arrival_delay_minutes
        from flights
        join airlines using (carrier)
        where day = :day
        """,
        day=day,
    )
    facts = query.to_frame().set_index("flight_id")
    return run.predictions.join(facts).sort_values("probability_late", ascending=False)


def draw_flights(flights: pd.DataFrame) -> Table:
    """Draw the flights that are most likely to be late."""
    table = Table(
        title=f"\nMost likely late: {MOST_ROWS} of {len(flights):,} flights",
        title_justify="left", title_style="bold", box=SIMPLE_HEAD, pad_edge=False,
    )  # fmt: skip
    for name in ("flight", "airline", "from → to", "leaves", "chance", "in fact"):
        # Narrow enough for a terminal of 80 columns.
        table.add_column(name, no_wrap=True, max_width=15)
    rows: Iterable[Any] = flights.head(MOST_ROWS).itertuples()
    for flight in rows:
        filled = round(flight.probability_late * BAR_WIDTH)
        table.add_row(
            f"{flight.carrier} {flight.flight_number}",
            flight.airline,
            f"{flight.origin} → {flight.destination}",
            f"{flight.scheduled_departure:%H:%M}",
            f"{flight.probability_late:3.0%} [red]{'━' * filled}[/]",
            describe_arrival(flight.arrival_delay_minutes),
        )
    return table


def describe_arrival(delay_minutes: int | None) -> str:
    """Say when a flight arrived, against its schedule."""
    if pd.isna(delay_minutes):
        return "[dim]no arrival[/]"
    if delay_minutes > 15:  # noqa: PLR2004 - the question
        return f"[red]{delay_minutes} min late[/]"
    return "on time" if delay_minutes >= 0 else f"{-delay_minutes} min early"


def draw_stages(run: Run) -> Table:
    """Draw the rows and the time of each stage."""
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    table.add_column("stage")
    table.add_column("rows", justify="right")
    table.add_column("time", justify="right")
    for stage, seconds in run.seconds.items():
        table.add_row(stage, f"{run.rows[stage]:,}", f"{seconds * 1000:,.0f} ms")
    table.add_row("whole run", f"{len(run.predictions):,}", f"{run.total_seconds * 1000:,.0f} ms")
    return table


def print_quality(console: Console, flights: pd.DataFrame, metrics: dict[str, float]) -> None:
    """Say how far to trust the model."""
    arrived = flights.dropna(subset="arrival_delay_minutes")
    is_late = arrived["arrival_delay_minutes"] > 15  # noqa: PLR2004 - the question
    n_worst = len(arrived) // 10
    console.print(
        f"Of the tenth most likely to be late that day, {is_late.head(n_worst).mean():.0%} were "
        f"late; of all, {is_late.mean():.0%}."
    )
    console.print(
        "AUC on October to December, which the model has never seen: "
        f"[bold]{metrics['auc']:.3f}[/] (0.5 is a coin, 1 is an oracle)."
    )


if __name__ == "__main__":
    main()
