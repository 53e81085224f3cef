"""Data types: the library's codes, NumPy's names, and what memoryview calls them."""

from __future__ import annotations

from typing import Any, Dict, Optional, Tuple

from ._numpy import np
from ._structs import BYTES

#: Code, name, bytes, and the format of a memoryview where there is one.
_TABLE: Tuple[Tuple[int, str, int, Optional[str]], ...] = (
    (0, "float32", 4, "f"),
    (1, "int16", 2, "h"),
    (2, "float64", 8, "d"),
    (3, "int8", 1, "b"),
    (4, "uint8", 1, "B"),
    (5, "uint16", 2, "H"),
    (6, "int32", 4, "i"),
    (7, "uint32", 4, "I"),
    (8, "int64", 8, "q"),
    (9, "uint64", 8, "Q"),
    (10, "float16", 2, None),
    (11, "complex64", 8, None),
    (12, "complex128", 16, None),
)
NAMES: Dict[int, str] = {code: name for code, name, _, _ in _TABLE}
CODES: Dict[str, int] = {name: code for code, name, _, _ in _TABLE}
FORMATS: Dict[int, Optional[str]] = {code: form for code, _, _, form in _TABLE}


class datatypes:  # noqa: N801 - the name is that of the class whose place this takes
    """The types of the elements of a ring, by code and by name.

    To use another NumPy type with `RingBuffer`, add it to `types` under a code of your own; it is stored as opaque bytes,
    and its description in the metadata of the ring.

    Attributes
    ----------
    types : dict of int to str
        Name of each code; 0 is ``"float32"``, 1 is ``"int16"``.
    """

    types: Dict[int, str] = dict(NAMES)

    @classmethod
    def get_code(cls, type: Any) -> int:  # noqa: A002 - named so there
        """The code of a type.

        Parameters
        ----------
        type : str or numpy.dtype
            For example ``"float32"``.

        Returns
        -------
        int
            Its code.

        Raises
        ------
        ValueError
            If there is no such type.
        """
        name = _name_of(type)
        for code, known in cls.types.items():
            if known == name or known == type:
                return code
        raise ValueError(f"type is {type!r}, expected one of {', '.join(cls.types.values())}")

    @classmethod
    def get_type(cls, code: int) -> str:
        """The type of a code.

        Parameters
        ----------
        code : int
            For example 0.

        Returns
        -------
        str
            Its name.

        Raises
        ------
        KeyError
            If there is no such code.
        """
        return cls.types[code]


def _name_of(type_: Any) -> Optional[str]:
    if isinstance(type_, str) and type_ in CODES:
        return type_
    if np is None:
        return None
    try:
        return str(np.dtype(type_).name)
    except TypeError:
        return None


def resolve(dtype: Any, item_size: int) -> Tuple[int, int, Any]:
    """What a creator asks for: the code, the bytes of one opaque item, and a description for the metadata or None."""
    if dtype is None:
        dtype = "bytes" if item_size else "float32"
    if isinstance(dtype, str) and dtype == "bytes":
        return BYTES, item_size or 1, None
    name = _name_of(dtype)
    if name in CODES:
        return CODES[name], item_size, None
    if np is None:
        raise TypeError(f"dtype is {dtype!r}, expected 'bytes' or, without NumPy, one of {', '.join(CODES)}")
    other = np.dtype(dtype)
    if other.hasobject or other.itemsize == 0:
        raise TypeError(f"dtype is {other!r}, expected one without Python objects and of a fixed size")
    if item_size not in (0, other.itemsize):
        raise ValueError(f"item_size is {item_size}, expected 0 or the {other.itemsize} bytes of {other!r}")
    return BYTES, other.itemsize, np.lib.format.dtype_to_descr(other)


def _as_descr(described: Any) -> Any:
    """A description of a dtype that has been through JSON, where tuples become lists."""
    if isinstance(described, str):
        return described
    fields = []
    for name, form, *shape in described:
        fields.append((name, _as_descr(form), *(tuple(s) if isinstance(s, list) else s for s in shape)))
    return fields


def numpy_dtype(code: int, item_size: int, described: Any) -> Any:
    """The numpy.dtype of one element."""
    if code != BYTES:
        return np.dtype(NAMES[code])
    if described is not None:
        try:
            dtype = np.lib.format.descr_to_dtype(_as_descr(described))
            if dtype.itemsize == item_size and not dtype.hasobject:
                return dtype
        except (TypeError, ValueError):
            pass  # somebody else's metadata: the items are opaque
    return np.dtype(("V", item_size))
