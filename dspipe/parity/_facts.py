"""What a result depends on besides its rows: code, model, and versions of libraries."""

import hashlib
import platform
import sys
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any

from dspipe._contract_json import write_contract
from dspipe.parity._code import digest_code

# By the name they are imported by: those that compute, and those that read rows.
LIBRARIES = {
    "pandas": "pandas",
    "numpy": "numpy",
    "scipy": "scipy",
    "sklearn": "scikit-learn",
    "skops": "skops",
    "onnxruntime": "onnxruntime",
    "xgboost": "xgboost",
    "lightgbm": "lightgbm",
    "catboost": "catboost",
    "pyarrow": "pyarrow",
    "duckdb": "duckdb",
    "sqlalchemy": "sqlalchemy",
    "psycopg": "psycopg",
}


@dataclass(frozen=True, slots=True)
class Facts:
    """What a result depends on.

    Attributes
    ----------
    code : dict of str to str
        Digests of methods, functions and constants by name.
    model : dict of str to (str or None)
        ``id``, ``version``, and ``contract``, a digest; empty without a predictor.
    versions : dict of str to str
        Python and the libraries that were loaded.
    """

    code: dict[str, str]
    model: dict[str, str | None]
    versions: dict[str, str]


def find_facts(pipeline: Any) -> Facts:
    """Find what the results of a pipeline depend on, after it has run."""
    return Facts(digest_code(type(pipeline)), _describe_model(pipeline), _find_versions())


def _describe_model(pipeline: Any) -> dict[str, str | None]:
    predictor = pipeline.predictor
    if predictor is None:
        return {}
    contract = predictor.contract
    text = None if contract is None else write_contract(contract.columns, contract.policy)
    return {
        "id": predictor.model_id,
        "version": predictor.model_version,
        "contract": hashlib.sha256(text.encode()).hexdigest()[:16] if text else None,
    }


def _find_versions() -> dict[str, str]:
    found = {"python": platform.python_version()}
    for module, distribution in LIBRARIES.items():
        if module in sys.modules:
            # A slimmed package may have no record of its distributions.
            own = getattr(sys.modules[module], "__version__", None)
            found[distribution] = str(own) if own else version(distribution)
    return found
