"""Unsigned big-endian integers of any size, many at a time."""

from __future__ import annotations

import array
import sys
from typing import Callable, List, Union

_Bytes = Union[bytes, bytearray]

# What array calls an unsigned integer of so many bytes.
_CODES = {array.array(code).itemsize: code for code in "BHILQ"}


def decoder(item_size: int) -> Callable[[_Bytes], List[int]]:
    """What makes integers of the bytes of whole items."""
    if item_size == 1:
        return list
    if item_size in _CODES:
        return _words(item_size)
    return _padded(item_size)


def _words(item_size: int) -> Callable[[_Bytes], List[int]]:
    code = _CODES[item_size]

    def decode(data: _Bytes) -> List[int]:
        words = array.array(code)
        words.frombytes(data)
        if sys.byteorder == "little":
            words.byteswap()
        return words.tolist()

    return decode


def _padded(item_size: int) -> Callable[[_Bytes], List[int]]:
    """As words of 8 bytes, the first of which begins with zeroes: filled byte by byte of the item, for all items at once."""
    count = -(-item_size // 8)
    width = 8 * count
    words = _words(8)

    def decode(data: _Bytes) -> List[int]:
        wide = bytearray(len(data) // item_size * width)
        for byte in range(item_size):
            wide[width - item_size + byte :: width] = data[byte::item_size]
        all_words = words(wide)
        items = all_words[::count]
        for word in range(1, count):
            items = [high << 64 | low for high, low in zip(items, all_words[word::count])]
        return items

    return decode
