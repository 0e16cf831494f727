"""Which types a model's file names, without running any of its code.

A skops file lists them. A pickle names them as it goes, between values that only its own code could
read; so it is unpickled with stand-ins in the place of all types but numpy's arrays.
"""

import bz2
import gzip
import io
import json
import lzma
import pickle
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, BinaryIO, Self
from zipfile import ZipFile, is_zipfile

_SCHEMA = "schema.json"
_OPENERS: dict[bytes, Callable[[bytes], bytes]] = {
    b"\x1f\x8b": gzip.decompress,
    b"BZh": bz2.decompress,
    b"\xfd7zXZ": lzma.decompress,
    b"\x5d\x00": lzma.decompress,
    b"\x78": zlib.decompress,
}
_WRAPPER = ("joblib.numpy_pickle", "NumpyArrayWrapper")
_REAL = {
    ("_codecs", "encode"),
    ("numpy", "dtype"),
    ("numpy", "ndarray"),
    *((f"numpy.{core}.multiarray", "_reconstruct") for core in ("core", "_core")),
}


def list_types(file: Path) -> frozenset[tuple[str, str]]:
    """List what a model's file asks for when it is loaded, as module and name.

    Parameters
    ----------
    file : Path
        Of skops, joblib or pickle, compressed or not. What cannot be read to its end gives what
        was named until there.
    """
    if is_zipfile(file):
        with ZipFile(file) as archive:
            names = archive.namelist()
            schema = json.loads(archive.read(_SCHEMA)) if _SCHEMA in names else {}
        return frozenset(_iter_skops(schema))
    return _list_pickled(file.read_bytes())


def _iter_skops(node: Any) -> Iterator[tuple[str, str]]:
    if isinstance(node, dict):
        module, name = node.get("__module__"), node.get("__class__")
        if isinstance(module, str) and isinstance(name, str):
            yield module, name
    children = node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()
    for child in children:
        yield from _iter_skops(child)


def _open(content: bytes) -> BinaryIO:
    for magic, decompress in _OPENERS.items():
        if content.startswith(magic):
            return io.BytesIO(decompress(content))
    return io.BytesIO(content)


def _list_pickled(content: bytes) -> frozenset[tuple[str, str]]:
    found: set[tuple[str, str]] = set()
    try:
        _make_unpickler(_open(content), found).load()
    except Exception:  # noqa: BLE001 - a stand-in may fail in any way; what was named is known
        return frozenset(found)
    return frozenset(found)


def _make_unpickler(file: BinaryIO, found: set[tuple[str, str]]) -> pickle.Unpickler:
    """Make an unpickler that notes types; joblib's own knows where the bytes of arrays lie."""

    def find_class(module: str, name: str) -> type:
        found.add((module, name))
        if (module, name) == _WRAPPER:
            return _make_wrapper(lambda handle: _make_unpickler(handle, found).load())
        if (module, name) in _REAL:
            real: type = base.find_class(unpickler, module, name)
            return real
        return type(name, (_StandIn,), {})

    base, arguments = _find_base(file)
    unpickler = type("Lister", (base,), {
        "find_class": lambda _self, module, name: find_class(module, name),
        "persistent_load": lambda _self, _id: None,
    })(*arguments)  # fmt: skip
    return unpickler  # type: ignore[no-any-return] # a subclass of the one or the other


def _find_base(file: BinaryIO) -> tuple[Any, tuple[object, ...]]:
    try:
        from joblib.numpy_pickle import NumpyUnpickler
    except ImportError:
        return pickle.Unpickler, (file,)
    parameters = NumpyUnpickler.__init__.__code__.co_varnames
    # Older ones do not know the order of bytes.
    native = (False,) if "ensure_native_byte_order" in parameters else ()
    return NumpyUnpickler, ("", file, *native)


def _make_wrapper(load: Callable[[BinaryIO], object]) -> type:
    """Make the type that knows where the bytes of an array lie, for a file that is not trusted."""
    from joblib.numpy_pickle import NumpyArrayWrapper

    def read_array(self: Any, unpickler: Any, *more: object) -> object:
        # joblib itself unpickles the objects of an array with all that they ask for.
        if self.dtype.hasobject:
            return load(unpickler.file_handle)
        array: object = NumpyArrayWrapper.read_array(self, unpickler, *more)
        return array

    return type("Wrapper", (NumpyArrayWrapper,), {"read_array": read_array})


class _StandIn:
    """Takes whatever a pickle gives to a type, and keeps nothing."""

    def __new__(cls, *_: object, **__: object) -> Self:
        return super().__new__(cls)

    def __init__(self, *_: object, **__: object) -> None:
        pass

    def __setstate__(self, state: object) -> None:
        pass

    def __call__(self, *_: object, **__: object) -> "_StandIn":
        return _StandIn()

    def __setitem__(self, name: object, value: object) -> None:
        pass

    def append(self, value: object) -> None:
        pass

    def extend(self, values: object) -> None:
        pass

    add = append
