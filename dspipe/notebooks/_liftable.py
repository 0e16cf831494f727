"""Which expressions give the same value in every process, so that a module may compute them."""

import ast
from collections.abc import Mapping
from dataclasses import dataclass

_BUILTINS = frozenset(
    ("abs", "all", "any", "bool", "bytearray", "bytes", "chr", "classmethod", "complex", "dict",
     "divmod", "enumerate", "filter", "float", "format", "frozenset", "getattr", "hex", "int",
     "isinstance", "issubclass", "iter", "len", "list", "map", "max", "memoryview", "min",
     "object", "oct", "ord", "pow", "property", "range", "repr", "reversed", "round", "set",
     "slice", "sorted", "staticmethod", "str", "sum", "super", "tuple", "type", "zip")
)  # fmt: skip
_CALLS = frozenset(
    ("collections.ChainMap", "collections.Counter", "collections.OrderedDict",
     "collections.defaultdict", "collections.deque", "collections.namedtuple",
     "dataclasses.field", "datetime.date", "datetime.datetime", "datetime.time",
     "datetime.timedelta", "datetime.timezone", "decimal.Decimal", "fractions.Fraction",
     "functools.partial", "functools.lru_cache", "logging.getLogger", "numpy.arange",
     "numpy.array", "numpy.asarray", "numpy.dtype", "numpy.full", "numpy.linspace", "numpy.ones",
     "numpy.zeros", "os.environ.get", "os.getenv", "os.path.join", "pandas.CategoricalDtype",
     "pandas.DataFrame", "pandas.Index", "pandas.Interval", "pandas.Series", "pandas.Timedelta",
     "pandas.Timestamp", "pathlib.Path", "pathlib.PurePath", "pathlib.PurePosixPath",
     "re.compile", "string.Template", "struct.Struct", "threading.Lock", "threading.RLock",
     "types.MappingProxyType", "types.SimpleNamespace", "zoneinfo.ZoneInfo")
)  # fmt: skip
_MODULES = ("dspipe.", "enum.", "ipaddress.", "itertools.", "math.", "operator.", "pydantic.",
            "statistics.", "typing.", "typing_extensions.", "annotated_types.")  # fmt: skip
_METHODS = frozenset(
    ("append", "capitalize", "casefold", "copy", "count", "date", "decode", "difference", "encode",
     "endswith", "extend", "format", "fromkeys", "get", "index", "insert", "intersection",
     "isoformat", "items", "join", "joinpath", "keys", "lower", "lstrip", "replace", "rsplit",
     "rstrip", "split", "splitlines", "startswith", "strip", "time", "title",
     "union", "upper", "values", "with_name", "with_suffix", "zfill", "add", "update", "discard",
     "remove", "pop", "clear", "sort", "reverse", "setdefault")
)  # fmt: skip
_STRUCTURE = (
    ast.Constant, ast.Name, ast.Attribute, ast.Subscript, ast.Slice, ast.Starred, ast.List,
    ast.Tuple, ast.Set, ast.Dict, ast.BinOp, ast.UnaryOp, ast.BoolOp, ast.Compare, ast.IfExp,
    ast.JoinedStr, ast.FormattedValue, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp,
    ast.comprehension, ast.keyword, ast.operator, ast.unaryop, ast.boolop, ast.cmpop,
    ast.expr_context,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Known:
    """What names stand for.

    Attributes
    ----------
    origins : mapping of str to str
        What an imported name is, such as ``numpy`` for ``np``.
    records : frozenset of str
        Classes of the notebook whose objects are plain values: dataclasses, enumerations.
    defined : frozenset of str
        Names that the notebook binds otherwise.
    """

    origins: Mapping[str, str]
    records: frozenset[str]
    defined: frozenset[str]


def find_culprit(expression: ast.expr, known: Known) -> ast.expr | None:
    """Find the first part of an expression whose value depends on more than its text.

    Examples
    --------
    >>> known = Known({"np": "numpy"}, frozenset(), frozenset())
    >>> find_culprit(ast.parse("sorted([np.pi, 2])", mode="eval").body, known)
    >>> find_culprit(ast.parse("np.load('x.npy') + 1", mode="eval").body, known).func.attr
    'load'
    """
    if isinstance(expression, ast.Lambda):
        return None
    if isinstance(expression, ast.Call) and not _is_pure(expression, known):
        return expression
    if not isinstance(expression, (*_STRUCTURE, ast.Call)):
        return expression
    for child in ast.iter_child_nodes(expression):
        if isinstance(child, ast.expr | ast.comprehension | ast.keyword):
            found = find_culprit(child, known)  # type: ignore[arg-type] # parts of expressions too
            if found is not None:
                return found
    return None


def name_call(call: ast.Call, known: Known) -> str:
    """Name what a call calls, by where it was imported from."""
    if not isinstance(call.func, ast.Name | ast.Attribute):
        return ""
    text = ast.unparse(call.func)
    root, dot, rest = text.partition(".")
    return f"{known.origins.get(root, root)}{dot}{rest}"


def _is_pure(call: ast.Call, known: Known) -> bool:
    name = name_call(call, known)
    root = name.partition(".")[0]
    if isinstance(call.func, ast.Name):
        if call.func.id in known.records:
            return True
        if call.func.id in known.defined:
            return False
        if call.func.id in _BUILTINS:
            return True
    if name in _CALLS or name.startswith(_MODULES):
        return True
    is_module = isinstance(call.func, ast.Attribute) and _root(call.func) in known.origins
    if root in _BUILTINS and name.count(".") == 1 and root not in known.defined:
        return True  # such as dict.fromkeys
    return isinstance(call.func, ast.Attribute) and not is_module and call.func.attr in _METHODS


def _root(node: ast.expr) -> str:
    while isinstance(node, ast.Attribute | ast.Subscript):
        node = node.value
    return node.id if isinstance(node, ast.Name) else ""
