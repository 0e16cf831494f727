"""Which distribution an installed file belongs to."""

import csv
from email.parser import HeaderParser
from pathlib import Path


def find_owners(folder: Path) -> dict[str, str]:
    """Read the records of an installation, before they are slimmed away.

    Returns
    -------
    dict of str to str
        Name and version of the distribution, by file.
    """
    owners: dict[str, str] = {}
    for record in sorted(folder.glob("*.dist-info/RECORD")):
        title = _read_title(record.with_name("METADATA"))
        with record.open(encoding="utf-8", newline="") as lines:
            owners |= {row[0]: title for row in csv.reader(lines) if row}
    return owners


def _read_title(file: Path) -> str:
    headers = HeaderParser().parsestr(file.read_text(encoding="utf-8"), headersonly=True)
    return f"{headers['Name']} {headers['Version']}"
