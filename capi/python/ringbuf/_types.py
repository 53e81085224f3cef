"""Data types: the library's codes, NumPy's names, and what memoryview calls them."""

from __future__ import annotations

import json
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
        dtype = np.dtype(type_)
    except (TypeError, ValueError):
        return None
    return str(dtype.name if dtype.isnative else dtype.str)


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
    try:
        other = np.dtype(dtype)
    except (TypeError, ValueError) as error:
        message = f"dtype is {dtype!r}, expected 'bytes', one of {', '.join(CODES)}, or a type of NumPy: {error}"
        raise type(error)(message) from None
    if other.hasobject or other.itemsize == 0:
        raise TypeError(f"dtype is {other!r}, expected one without Python objects and of a fixed size")
    if other.subdtype is not None:
        raise TypeError(f"dtype is {other!r}, expected that of one element; several of them are channels, or a field")
    if item_size not in (0, other.itemsize):
        raise ValueError(f"item_size is {item_size}, expected 0 or the {other.itemsize} bytes of {other!r}")
    return BYTES, other.itemsize, _description(other)


# A type that is not in the table is described in the metadata of the ring, in JSON: by NumPy's string, or, if it has
# fields, by the list of (name, type) or (name, type, shape) that NumPy makes it of, with lists for tuples. Fields that do
# not lie one behind the other, or are aligned, take NumPy's dictionary of names, formats, offsets, titles and itemsize.


def _description(dtype: Any) -> Any:
    """What describes a type; TypeError if nothing does, so that readers would see another one."""
    described = _described(dtype)
    try:
        again = _built(json.loads(json.dumps(described, ensure_ascii=False).encode()))
        same = again == dtype and _described(again) == described
    except (TypeError, ValueError, KeyError):
        same = False
    if not same:
        raise TypeError(f"dtype is {dtype!r}, which no description in the metadata makes again")
    return described


def _described(dtype: Any) -> Any:
    if dtype.names is None:
        return dtype.str
    fields = [dtype.fields[name] for name in dtype.names]
    titles = [field[2] if len(field) > 2 else None for field in fields]
    end, in_line = 0, not dtype.isalignedstruct
    for field in fields:
        in_line = in_line and field[1] == end
        end += field[0].itemsize
    if in_line and end == dtype.itemsize:
        names = [name if title is None else [title, name] for name, title in zip(dtype.names, titles)]
        return [[name, *_form(field[0])] for name, field in zip(names, fields)]
    return {
        "names": list(dtype.names),
        "formats": [_form(field[0]) for field in fields],
        "offsets": [int(field[1]) for field in fields],
        "titles": titles,
        "itemsize": int(dtype.itemsize),
        "aligned": bool(dtype.isalignedstruct),
    }


def _form(dtype: Any) -> Any:
    """Of a field: its type, and the shape if it has one."""
    return [_described(dtype.base), *([list(dtype.shape)] if dtype.subdtype is not None else [])]


def _formed(form: Any, shape: Any = None) -> Any:
    dtype = _built(form)
    return dtype if shape is None else np.dtype((dtype, tuple(shape)))


def _built(described: Any) -> Any:
    """The type of a description that has been through JSON."""
    if isinstance(described, str):
        return np.dtype(described)
    if isinstance(described, dict):
        parts = dict(described)
        aligned = bool(parts.pop("aligned", False))
        parts["formats"] = [_formed(*form) for form in parts["formats"]]
        return np.dtype(parts, align=aligned)
    fields: Dict[str, Any] = {"names": [], "formats": [], "offsets": [], "titles": []}
    end = 0
    for name, *form in described:
        title, name = name if isinstance(name, list) else (None, name)
        dtype = _formed(*form)
        if name or dtype.kind != "V" or dtype.names is not None:  # else padding
            for key, value in zip(fields, (name, dtype, end, title)):
                fields[key].append(value)
        end += dtype.itemsize
    return np.dtype({**fields, "itemsize": end})


def numpy_dtype(code: int, item_size: int, described: Any) -> Any:
    """The numpy.dtype of one element."""
    if code != BYTES:
        return np.dtype(NAMES[code])
    if described is not None:
        try:
            dtype = _built(described)
            if dtype.itemsize == item_size and not dtype.hasobject and dtype.subdtype is None:
                return dtype
        except Exception:  # NumPy may raise anything for a made-up description
            pass  # metadata of another program: the items are opaque
    return np.dtype(("V", item_size))
