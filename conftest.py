"""Run the examples of the README as tests."""

from pathlib import Path

from markdown_examples import make_sybil

pytest_collect_file = make_sybil(Path(__file__).parent, "README.md").pytest()
