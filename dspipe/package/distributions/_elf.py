"""Cut the symbol tables off compiled libraries.

What the loader maps into memory is described by the program headers; the tables that follow it
serve linkers and debuggers. The bytes before them stay where they are, which keeps each segment
aligned as it was. Tools that move segments break libraries which were patched after linking.
"""

import struct

_MAGIC = b"\x7fELF\x02\x01"  # 64 bits, little-endian
_HEADER_SIZE = 64
_SECTIONS_AT = 40  # e_shoff, 8 bytes
_COUNTS_AT = 58  # e_shentsize, e_shnum and e_shstrndx, 2 bytes each


def cut_symbols(library: bytes) -> bytes:
    """Cut what no loader reads off the end of a shared library.

    Parameters
    ----------
    library : bytes
        A file; anything but a 64-bit ELF file with program headers comes back as it is.

    Returns
    -------
    bytes
        The same up to the end of the last segment, without a section table.
    """
    if not library.startswith(_MAGIC) or len(library) < _HEADER_SIZE:
        return library
    end = _find_end(library)
    if end is None or end >= len(library):
        return library
    cut = bytearray(library[:end])
    struct.pack_into("<Q", cut, _SECTIONS_AT, 0)
    struct.pack_into("<HHH", cut, _COUNTS_AT, 0, 0, 0)
    return bytes(cut)


def _find_end(library: bytes) -> int | None:
    """Find where the last segment ends; None for a file whose headers are broken or absent."""
    (start,) = struct.unpack_from("<Q", library, 32)
    size, number = struct.unpack_from("<HH", library, 54)
    ends = [_HEADER_SIZE, start + size * number]
    if not number or ends[1] > len(library):
        return None
    for place in range(start, ends[1], size):
        offset, _, _, in_file = struct.unpack_from("<QQQQ", library, place + 8)
        ends.append(offset + in_file)
    return max(ends) if max(ends) <= len(library) else None
