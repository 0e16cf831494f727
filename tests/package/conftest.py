"""Fixtures of the tests of packages."""

from package.wheelhouse import repository

__all__ = ["repository"]
