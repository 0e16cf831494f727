"""Run every example of these pages as a test, with a small database where a page asks for one."""

from pathlib import Path

from markdown_examples import make_sybil

SETTINGS = '[tool.dspipe.sources]\ndefault = "duckdb:///flights.duckdb"\n'
FLIGHTS = """
create table flights as
select * from (values
    (1, date '2013-06-01', 'UA', 'EWR', timestamp '2013-06-01 06:30', 1400, 11),
    (2, date '2013-06-01', 'AA', 'JFK', timestamp '2013-06-01 18:05', 1089, 33),
    (3, date '2013-06-01', 'B6', 'JFK', timestamp '2013-06-01 20:15', 1576, null),
    (4, date '2013-06-02', 'UA', 'LGA', timestamp '2013-06-02 07:00', 719, -4),
    (5, date '2013-06-02', 'AA', 'EWR', timestamp '2013-06-02 19:45', 1065, 52),
    (6, date '2013-06-02', 'B6', 'JFK', timestamp '2013-06-02 09:10', 1005, 2)
) as rows(flight_id, day, carrier, origin, departure, distance, delay)
"""
PIPELINE = '''"""Will a flight be late?"""

from datetime import date

import pandas as pd

from dspipe import PredictionPipeline, sql
from dspipe.predictors import SklearnPredictor


class FlightDelay(PredictionPipeline):
    """Will this flight arrive more than 15 minutes late?"""

    key = "flight_id"
    predictor = SklearnPredictor("models/flight_delay")

    def extract(self, day: date):
        return sql(
            "select flight_id, departure, distance from flights where day = :day",
            day=day,
        )

    def postprocess(self, data: pd.DataFrame) -> pd.DataFrame:
        data["hour"] = data["departure"].dt.hour
        return data[["flight_id", "hour", "distance"]]
'''


def make_flights() -> None:
    """Write a database of six flights, and the settings that name it, into the page's folder."""
    import duckdb

    Path("pyproject.toml").write_text(SETTINGS, encoding="utf-8")
    with duckdb.connect("flights.duckdb") as connection:
        connection.execute(FLIGHTS)


def make_pipeline() -> None:
    """Write the flights, a model and the pipeline of them into the page's folder."""
    import pandas as pd
    from sklearn.tree import DecisionTreeClassifier

    from dspipe.predictors import save_sklearn

    make_flights()
    Path("flight_delay.py").write_text(PIPELINE, encoding="utf-8")
    features = pd.DataFrame(
        {"hour": [6, 7, 18, 19, 20, 9], "distance": [1400, 719, 1089, 1065, 1576, 1005]}
    ).astype({"hour": "int32", "distance": "Int64"})
    model = DecisionTreeClassifier(max_depth=1, random_state=0).fit(features, [0, 0, 1, 1, 1, 0])
    save_sklearn(model, "models/flight_delay", features=features, target="late")


pytest_collect_file = make_sybil(
    Path(__file__).parent, "**/*.md", "*.md", helpers=[make_flights, make_pipeline]
).pytest()
