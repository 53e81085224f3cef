"""The options of a new ring, checked and described before there is one: a refusal leaves nothing behind."""

from __future__ import annotations

import ctypes
import json
from typing import Any, Dict, FrozenSet, NamedTuple, Optional

from ._arguments import in_64_bits, real, unsigned
from ._library import held
from ._structs import LOSSLESS, MESSAGES, Code, OptionsStruct
from ._types import resolve
from .errors import check, fail

_POCKET_BYTES = 65536  # the library's default


class Prepared(NamedTuple):
    """The options of a new ring, the description of a type that is not in `datatypes`, and the first metadata."""

    options: OptionsStruct
    described: Any
    metadata: Optional[bytes]


def prepared(capacity: int, options: Dict[str, Any], flags: int = 0, more: FrozenSet[str] = frozenset()) -> Prepared:
    """The keyword arguments of a constructor for the library.

    `more` names those that not all constructors have.
    """
    options = dict(options)
    code, item_size, described = resolve(
        options.pop("dtype", None), unsigned("item_size", options.pop("item_size", 0), 4)
    )
    flags |= LOSSLESS if options.pop("lossless", False) else 0
    flags |= MESSAGES if options.pop("messages", False) else 0
    metadata = _first_metadata(options.pop("metadata", None), described, options.get("metadata_bytes", 0))
    known = more | {"channels", "window", "max_readers", "metadata_bytes", "sample_rate", "first_index"}
    if not known.issuperset(options):
        raise TypeError(f"unexpected options: {', '.join(sorted(set(options) - known))}")
    options["window"] = _window(options.get("window", 0), described, capacity, options.get("channels", 1), item_size)
    struct = _struct(data_type=code, item_size=item_size, capacity=capacity, flags=flags, **options)
    return Prepared(struct, described, metadata)


def _struct(**fields: Any) -> OptionsStruct:
    options = OptionsStruct()
    check(held.ringbuf_options_init(options, ctypes.sizeof(options)))
    for name, value in fields.items():
        if name == "sample_rate":
            value = real(name, value)
        elif name == "first_index":
            value = in_64_bits(name, value)
        else:
            value = unsigned(name, value, getattr(OptionsStruct, name).size)
        setattr(options, name, value)
    return options


def _window(window: Any, described: Any, capacity: Any, channels: Any, item_size: int) -> int:
    """The library's default, which it has for the types that it knows, for those that are described, too."""
    window = unsigned("window", window, 8)
    if window != 0 or described is None:
        return window
    sample_bytes = max(1, unsigned("channels", channels, 4)) * item_size
    return max(1, min(unsigned("capacity", capacity, 8) // 8, _POCKET_BYTES // sample_bytes))


def _first_metadata(metadata: Optional[Dict[str, Any]], described: Any, room: Any) -> Optional[bytes]:
    first = dict(metadata or {})
    if described is not None:
        first["dtype"] = described
    if not first:
        return None
    data = as_json(first)
    room = unsigned("metadata_bytes", room, 4) or 4096
    if len(data) > room:
        detail = f"metadata take {len(data)} bytes of JSON, expected at most {room}: see metadata_bytes"
        fail(Code.INVALID_ARGUMENT, detail)
    return data


def as_json(metadata: Dict[str, Any]) -> bytes:
    return json.dumps(metadata, ensure_ascii=False, allow_nan=False).encode()
