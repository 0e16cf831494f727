"""Queries and settings that the tests of all sources share."""

from pathlib import Path

import pandas as pd

from dspipe._config import Config, SourceSettings
from dspipe.sources import Query

TYPES = {
    "duckdb": [
        ("integer", "1::INTEGER", "Int64"),
        ("bigint", "9007199254740993::BIGINT", "Int64"),
        ("unsigned", "200::UTINYINT", "Int64"),
        ("hugeint", "1::HUGEINT", "Int64"),
        ("whole_decimal", "5::DECIMAL(10, 0)", "Int64"),
        ("decimal", "12345.67::DECIMAL(12, 2)", "float64"),
        ("long_decimal", "0.1::DECIMAL(30, 20)", "float64"),
        ("float", "1.1::FLOAT", "float64"),
        ("double", "1.5::DOUBLE", "float64"),
        ("boolean", "true", "boolean"),
        ("date", "DATE '1900-02-28'", "datetime64[s]"),
        ("timestamp", "TIMESTAMP '2013-06-01 10:00:00.123456'", "datetime64[us]"),
        ("nanoseconds", "TIMESTAMP_NS '2013-06-01 10:00:00.123456789'", "datetime64[us]"),
        ("seconds", "TIMESTAMP_S '2013-06-01 10:00:00'", "datetime64[us]"),
        ("timestamptz", "TIMESTAMPTZ '2013-06-01 10:00:00+02'", "datetime64[us, UTC]"),
        ("time", "TIME '10:00:00.5'", "object"),
        ("interval", "INTERVAL '14 months 3 days 4.5 seconds'", "timedelta64[us]"),
        ("negative_interval", "INTERVAL '-14 months'", "timedelta64[us]"),
        ("uuid", "'12345678-1234-1234-1234-123456789012'::UUID", "text"),
        ("json", """'{"a": [1, null]}'::JSON""", "object"),
        ("json_text", """'"x"'::JSON""", "object"),
        ("list", "[1, NULL]", "object"),
        ("array", "[1, 2]::INTEGER[2]", "object"),
        ("struct", "{'a': [1.5::DOUBLE], 'b': 'x'}", "object"),
        ("map", "MAP {'a': 1}", "object"),
        ("blob", r"'\x00\xFF'::BLOB", "object"),
        ("text", "'é'", "text"),
        ("enum", "'a'::ENUM('a', 'b')", "text"),
    ],
    "postgresql": [
        ("smallint", "1::smallint", "Int64"),
        ("bigint", "9007199254740993::bigint", "Int64"),
        ("oid", "4000000000::oid", "Int64"),
        ("numeric", "12345.67::numeric(12, 2)", "float64"),
        ("free_numeric", "0.1::numeric", "float64"),
        ("not_a_number", "'NaN'::numeric", "float64"),
        ("long_numeric", "123456789012345678.123456789::numeric", "float64"),
        ("real", "1.1::real", "float64"),
        ("double", "1.5::float8", "float64"),
        ("boolean", "true", "boolean"),
        ("date", "date '1900-02-28'", "datetime64[s]"),
        ("timestamp", "timestamp '2013-06-01 10:00:00.123456'", "datetime64[us]"),
        ("timestamptz", "timestamptz '2013-06-01 10:00:00+02'", "datetime64[us, UTC]"),
        ("time", "time '10:00:00.5'", "object"),
        ("timetz", "timetz '10:00:00+02'", "object"),
        ("interval", "interval '14 months 3 days 4.5 seconds'", "timedelta64[us]"),
        ("negative_interval", "interval '-14 months -5 seconds'", "timedelta64[us]"),
        ("uuid", "'12345678-1234-1234-1234-123456789012'::uuid", "text"),
        ("json", """'{"a": [1, null]}'::json""", "object"),
        ("jsonb_text", """'"x"'::jsonb""", "object"),
        ("integers", "array[1, null]", "object"),
        ("matrix", "array[[1, 2], [3, 4]]", "object"),
        ("numerics", "array[1.5]::numeric[]", "object"),
        ("texts", "array['a', 'b']", "object"),
        ("bytea", r"'\x00ff'::bytea", "object"),
        ("text", "'é'::text", "text"),
        ("char", "'ab'::char(4)", "text"),
        ("money", "12::money", "text"),
        ("enum", "'a'::dspipe_mood", "text"),
        ("domain", "5::dspipe_count", "Int64"),
    ],
    "sqlite": [
        ("whole", "INTEGER", "9007199254740993", "Int64"),
        ("number", "REAL", "1.5", "float64"),
        ("amount", "DECIMAL(12, 2)", "12345.67", "float64"),
        ("flag", "BOOLEAN", "1", "boolean"),
        ("day", "DATE", "'1900-02-28'", "datetime64[s]"),
        ("moment", "TIMESTAMP", "'2013-06-01 10:00:00.123456'", "datetime64[us]"),
        ("zoned", "TIMESTAMPTZ", "'2013-06-01T10:00:00+02:00'", "datetime64[us, UTC]"),
        ("clock", "TIME", "'10:00:00.5'", "object"),
        ("id", "UUID", "'12345678-1234-1234-1234-123456789012'", "text"),
        ("document", "JSON", """'{"a": [1, null]}'""", "object"),
        ("bytes", "BLOB", "x'00ff'", "object"),
        ("words", "VARCHAR(10)", "'é'", "text"),
    ],
}


def make_config(url: str, **options: object) -> Config:
    """Make settings with one source."""
    return Config(Path("/"), {"default": SourceSettings("default", url, **options)})  # type: ignore[arg-type]  options of the test


def fetch(
    query: Query, url: str, *, batch_rows: int | None = None, **options: object
) -> pd.DataFrame:
    """Run a query and put its batches together."""
    frames = list(query.iter_frames(batch_rows=batch_rows, config=make_config(url, **options)))
    return frames[0] if len(frames) == 1 else pd.concat(frames, ignore_index=True)
