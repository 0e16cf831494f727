"""What of a notebook is in its module: each trap of slicing that ends well."""

import json
from pathlib import Path

import pytest
from notebooks.books import (
    IMPORTS,
    convert_cells,
    make_document,
    make_pipeline,
    read_kept,
    write_book,
)

from dspipe.errors import NotebookError
from dspipe.notebooks import convert

KEPT = {
    "one of two equal definitions": (["X = 1", "X = 1"], "data * X", "X = 1"),
    "the definition that is not skipped": (
        ["X = 1  # dspipe: skip", "X = 2"],
        "data * X",
        "X = 2",
    ),
    "a chain that goes on from the old value": (
        ["X = [1]", "X += [2]", "X = X + [3]"],
        "X",
        "X = [1]\n\nX += [2]\n\nX = X + [3]",
    ),
    "a submodule that is read": (
        ["import xml, os", "import xml.dom", "import xml.sax"],
        "xml.dom.Node",
        "import xml\nimport xml.dom",
    ),
    "one import of many of one thing": (
        ["import numpy as np", "import numpy as np, sys"],
        "np.log(data)",
        "import numpy as np",
    ),
    "an alias of an import": (
        ["import numpy as np, matplotlib.pyplot as plt"],
        "np.log(data)",
        "import numpy as np",
    ),
    "an import that is tried": (
        ["try:\n    import numba\nexcept ImportError:\n    numba = None"],
        "numba",
        "try:\n    import numba\nexcept ImportError:\n    numba = None",
    ),
    "an import for type checkers beside the real one": (
        ["from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import numpy as np",
         "import numpy as np"],
        "np.log(data)",
        "from typing import TYPE_CHECKING\n\nif TYPE_CHECKING:\n    import numpy as np\n\n"
        "import numpy as np",
    ),
    "the body of a timed cell": (["%%time\nX = 3"], "X", "X = 3"),
    "a string that looks like magic": (
        ["Q = '''\n%like%\n!ls'''"],
        "Q",
        "Q = '''\n%like%\n!ls'''",
    ),
    "a continued remainder that looks like magic": (
        ["!ls", "NAME = ('%s'\n% 'bad')"],
        "NAME",
        "NAME = ('%s'\n% 'bad')",
    ),
    "changes of what is kept, also by another name": (
        ["C = {}", "C['a'] = 1", "D = C", "D['b'] = 2"],
        "C",
        "C = {}\n\nC['a'] = 1\n\nD = C\n\nD['b'] = 2",
    ),
    "a frame that was only displayed": (
        ["C = pd.DataFrame({'a': [1]})", "C.head()", "C.plot.bar()"],
        "C",
        "C = pd.DataFrame({'a': [1]})",
    ),
    "what enters itself into a function": (
        ["from functools import singledispatch\n@singledispatch\ndef f(x): return 0",
         "@f.register\ndef _(x: int): return 1", "@f.register\ndef _(x: str): return 2"],
        "f(data)",
        "from functools import singledispatch\n\n\n@singledispatch\ndef f(x): return 0\n\n\n"
        "@f.register\ndef _(x: int): return 1\n\n\n@f.register\ndef _(x: str): return 2",
    ),
    "what enters itself into a table": (
        ["REG = {}\ndef register(f):\n    REG[f.__name__] = f\n    return f",
         "@register\ndef a(): return 1"],
        "REG",
        "REG = {}\n\n\ndef register(f):\n    REG[f.__name__] = f\n    return f\n\n\n"
        "@register\ndef a(): return 1",
    ),
    "no function that only shares a decorator": (
        ["def timer(f):\n    return f", "@timer\ndef a(): return 1\n@timer\ndef b(): return 1"],
        "b()",
        "def timer(f):\n    return f\n\n\n@timer\ndef b(): return 1",
    ),
    "subclasses of a class that learns of them": (
        ["class Base:\n    def __init_subclass__(cls): pass", "class A(Base): pass"],
        "Base",
        "class Base:\n    def __init_subclass__(cls): pass\n\n\nclass A(Base): pass",
    ),
    "an import that enables another": (
        ["from sklearn.experimental import enable_iterative_imputer\n"
         "from sklearn.impute import IterativeImputer"],
        "IterativeImputer()",
        "from sklearn.experimental import enable_iterative_imputer\n"
        "from sklearn.impute import IterativeImputer",
    ),
    "an import that says it is for its effect": (
        ["import this_is_registered  # noqa: F401", "import plotting"],
        "data",
        "import this_is_registered  # noqa: F401",
    ),
    "names of a star, builtins that it replaces too": (
        ["from math import *"],
        "sum([sqrt(2)]) + pow(2, 3)",
        "from math import pow, sqrt",
    ),
    "a name in the text of a query": (["T = 3"], "data.query('a > @T')", "T = 3"),
    "names of annotations, written as text too": (
        ["class T: pass", "class U: pass", "def f(x: T, y: 'U' = None) -> T: return x"],
        "f(1)",
        "class T: pass\n\n\nclass U: pass\n\n\ndef f(x: T, y: 'U' = None) -> T: return x",
    ),
    "no name of a literal type": (
        ["from typing import Literal", "abc = load()", "def f(x: Literal['abd']): return x"],
        "f(1)",
        "from typing import Literal\n\n\ndef f(x: Literal['abd']): return x",
    ),
    "comprehensions without their own names": (
        ["XS = [i for i in range(3)]\nYS = {k: v for k, v in zip(XS, XS) if k}", "i = load()"],
        "YS",
        "XS = [i for i in range(3)]\nYS = {k: v for k, v in zip(XS, XS) if k}",
    ),
    "a name that a class takes from outside": (
        ["x = 3", "class A:\n    x = x\n    y = [x for _ in range(2)]"],
        "A",
        "x = 3\n\n\nclass A:\n    x = x\n    y = [x for _ in range(2)]",
    ),
    "a value of a dataclass": (
        ["from dataclasses import dataclass\n@dataclass\nclass W:\n    a: float = 1.0\nV = W(a=2)"],
        "V",
        "from dataclasses import dataclass\n\n\n@dataclass\nclass W:\n    a: float = 1.0\n\n\n"
        "V = W(a=2)",
    ),
    "overloads of a function": (
        ["from typing import overload\n@overload\ndef f(x: int) -> int: ...\ndef f(x): return x"],
        "f(data)",
        "from typing import overload\n\n\n@overload\ndef f(x: int) -> int: ...\n\n\n"
        "def f(x): return x",
    ),
    "one of several statements of a line": (["A = 1; é = 'ü'; B = é;  # two"], "B",
                                            "é = 'ü'\nB = é  # two"),
    "comments that touch a statement": (
        ["# far away\n\n# how far\n# in miles\nX = 1  # for now\n# after"],
        "X",
        "# how far\n# in miles\nX = 1  # for now",
    ),
    "what a function in a function reads": (
        ["TH = 3", "def f():\n    def g():\n        return TH\n    return g"],
        "f()",
        "TH = 3\n\n\ndef f():\n    def g():\n        return TH\n    return g",
    ),
    "what is marked, whatever it does": (
        ["import numpy as np\nnp.random.seed(3)  # dspipe: keep"],
        "data",
        "import numpy as np\n\nnp.random.seed(3)  # dspipe: keep",
    ),
    "a cell that begins indented": (["    X = 1\n    Y = X"], "Y", "X = 1\nY = X"),
    "a cell with prompts": ([">>> X = 1\n>>> Y = [X,\n...      2]"], "Y", "X = 1\nY = [X,\n     "
    "2]"),
    "a lambda with its default": (
        ["K = 2\nf = lambda x, y=K: [w for z in x if (w := z + y)]"],
        "f(data)",
        "K = 2\nf = lambda x, y=K: [w for z in x if (w := z + y)]",
    ),
    "what stands beside questions and long commands": (
        ["pd?\n!ls \\\n  -l\nX = 1\n??pd"], "X", "X = 1"
    ),
    "the only import of a package": (["import xml.sax"], "xml.dom", "import xml.sax"),
    "values of pure calls": (
        ["import math, re\nA = math.sqrt(4)\nB = re.compile('a')\nC = dict.fromkeys('ab', 1)"],
        "(A, B, C)",
        "import math, re\n\nA = math.sqrt(4)\nB = re.compile('a')\nC = dict.fromkeys('ab', 1)",
    ),
    "a class that binds in branches and handlers": (
        ["W = 1", "class A:\n    if W:\n        v = W\n    try:\n        import json\n"
         "    except ImportError as e:\n        json = e\n    u: int\n    w = v"],
        "A",
        "W = 1\n\n\nclass A:\n    if W:\n        v = W\n    try:\n        import json\n"
        "    except ImportError as e:\n        json = e\n    u: int\n    w = v",
    ),
    "a function that waits and matches": (
        ["D = {}", "async def f(x):\n    match x:\n        case {'a': [b, *c], **d} if D:\n"
         "            return {b, *(e for e in c), *{k: v for k, v in d.items()}}"],
        "f(data)",
        "D = {}\n\n\nasync def f(x):\n    match x:\n        case {'a': [b, *c], **d} if D:\n"
        "            return {b, *(e for e in c), *{k: v for k, v in d.items()}}",
    ),
    "an environment that is asked": (
        ["import sys\nif sys.version_info >= (3, 11):\n    N = 1\nelse:\n    N = 2"],
        "N",
        "import sys\n\nif sys.version_info >= (3, 11):\n    N = 1\nelse:\n    N = 2",
    ),
    "a global that a function makes": (
        ["def begin():\n    global STATE\n    STATE = 1\n    return STATE"],
        "begin()",
        "def begin():\n    global STATE\n    STATE = 1\n    return STATE",
    ),
}  # fmt: skip


@pytest.mark.parametrize("trap", KEPT)
def test_module_holds_what_is_needed(trap: str, tmp_path: Path) -> None:
    """The module has these statements besides the pipeline, word for word, and no others."""
    cells, expression, expected = KEPT[trap]

    actual = read_kept(convert_cells(tmp_path, *cells, body=f"return {expression}"))

    assert actual == expected


def test_module_puts_imports_from_the_future_first(tmp_path: Path) -> None:
    """Python demands it, and in a notebook they count from their cell on."""
    cells = ["from __future__ import annotations", "def f(x: Late): return x"]

    conversion = convert_cells(tmp_path, *cells, body="return f(data)")

    assert conversion.text.split("\n\n")[1].startswith("from __future__ import annotations\n")


def test_module_holds_patches_of_its_pipeline(tmp_path: Path) -> None:
    """What is set on the class later belongs to it."""
    patches = ["def describe(self): return LIMIT", "LIMIT = 3", "Late.describe = describe",
               "def patch(f): return f", "@patch\ndef more(self: Late): return 1"]  # fmt: skip
    book = write_book(tmp_path, IMPORTS, make_pipeline(), *patches)

    text = convert(book).text

    assert [patch for patch in patches if patch not in text] == []


@pytest.mark.parametrize(
    ("cells", "expression", "warning"),
    [
        (
            ["import numpy as np\nnp.random.seed(0)\npd.set_option('display.max_rows', 5)"],
            "np.log(data)",
            "W_SETTING: cell 2, line 2: numpy.random.seed is a setting of the kernel and is left "
            "out. Mark it with '# dspipe: keep' to ship it.",
        ),
        (
            ["def f(): return open('weights.csv').read()"],
            "f()",
            "W_PATH: cell 2, line 1: 'weights.csv' is looked for in the working directory, which "
            "is another one in production.",
        ),
        (
            ["import duckdb\nrows = pd.read_csv('x.csv')"],
            "duckdb.sql('select * from rows')",
            "W_STRING: cell 3, line 8: the text names 'rows', which is also a variable of the "
            "notebook. What only a text names is not followed.",
        ),
    ],
)
def test_conversion_warns_of_what_it_leaves_out(
    cells: list[str], expression: str, warning: str, tmp_path: Path
) -> None:
    """What may matter and is not followed is said, though nothing is refused."""
    conversion = convert_cells(tmp_path, *cells, body=f"return {expression}")

    assert conversion.warnings == (warning,)


def test_cell_tags_say_the_same_as_comments(tmp_path: Path) -> None:
    """Whoever has an editor for tags may use it; a tag is for the whole cell."""
    document = make_document(
        IMPORTS, "X = 1\nY = 2", "X = 3", "Z = load()", make_pipeline("return X")
    )
    document["cells"][1]["metadata"]["tags"] = ["dspipe-skip", 3]
    document["cells"][3]["metadata"]["tags"] = ["dspipe-keep", "other"]
    book = tmp_path / "late.ipynb"
    book.write_text(json.dumps(document), encoding="utf-8")

    with pytest.raises(NotebookError) as caught:
        convert(book)

    # load is bound nowhere, so the cell that is kept by its tag was looked at.
    assert [problem["name"] for problem in caught.value.problems] == ["load"]


def test_pipeline_may_stand_on_one_that_is_abstract(tmp_path: Path) -> None:
    """The abstract one is no candidate, and comes along."""
    base = "class Base(PredictionPipeline, abstract=True):\n    key = 'id'"
    late = make_pipeline().replace("(PredictionPipeline)", "(Base)")

    conversion = convert(write_book(tmp_path, IMPORTS, base, late))

    assert conversion.class_name == "Late"
    assert base in conversion.text


def test_one_of_several_pipelines_is_converted_by_name(tmp_path: Path) -> None:
    """The other one stays behind."""
    book = write_book(tmp_path, IMPORTS, make_pipeline(), make_pipeline(name="Early"))

    conversion = convert(book, class_name="Early", module=tmp_path / "out.py")

    assert conversion.module == tmp_path / "out.py"
    assert "class Early" in conversion.text
    assert "class Late" not in conversion.text
