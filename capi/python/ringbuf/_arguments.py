"""Numbers that a caller gives: whole ones are what `operator.index` takes, and never come round on their way through ctypes.

A float is no index, even if it is whole; True and False are 1 and 0, as everywhere in Python.
"""

from __future__ import annotations

import operator
from typing import Any

from ._structs import Code
from .errors import InvalidArgumentError, InvalidTypeError

_LEAST, _MOST = -(2**63), 2**63 - 1


def index(name: str, value: Any) -> int:
    """A whole number of any size."""
    try:
        return operator.index(value)
    except TypeError:
        raise InvalidTypeError(
            Code.INVALID_ARGUMENT, f"{name} is {value!r} ({type(value).__name__}), expected an integer"
        ) from None


def in_64_bits(name: str, value: Any) -> int:
    """An index for the library, which refuses what is too large or too small; ctypes would cut it off."""
    if type(value) is int and _LEAST <= value <= _MOST:
        return value
    return max(_LEAST, min(index(name, value), _MOST))


def count_of(name: str, value: Any) -> int:
    """A number of samples for the library, which refuses what is too large."""
    number = index(name, value)
    if number < 0:
        raise InvalidArgumentError(Code.INVALID_ARGUMENT, f"{name} is {number}, expected at least 0")
    return min(number, _MOST)


def unsigned(name: str, value: Any, size: int) -> int:
    """A whole number that fits into an unsigned field of so many bytes."""
    number = index(name, value)
    if not 0 <= number < 1 << 8 * size:
        raise InvalidArgumentError(
            Code.INVALID_ARGUMENT, f"{name} is {number}, expected a whole number of 0 to {(1 << 8 * size) - 1}"
        )
    return number


def signed(name: str, value: Any) -> int:
    """A whole number that fits into a signed field of 8 bytes."""
    number = index(name, value)
    if not _LEAST <= number <= _MOST:
        raise InvalidArgumentError(
            Code.INVALID_ARGUMENT, f"{name} is {number}, expected a whole number of {_LEAST} to {_MOST}"
        )
    return number


def descriptor(value: Any) -> int:
    """A file descriptor: an int in C, which another number must not come to stand for."""
    number = index("fd", value)
    if not 0 <= number < 1 << 31:
        raise InvalidArgumentError(Code.INVALID_ARGUMENT, f"fd is {number}, expected an open descriptor")
    return number


def real(name: str, value: Any) -> float:
    """A number of any kind, as a float."""
    try:
        if isinstance(value, (str, bytes, bytearray)):
            raise TypeError
        return float(value)
    except (TypeError, ValueError, OverflowError):
        raise InvalidTypeError(
            Code.INVALID_ARGUMENT, f"{name} is {value!r} ({type(value).__name__}), expected a number"
        ) from None
