"""Values on their way into a ring, with NumPy: each is stored as it was given, or none is.

What may change is the type, never the value: a whole number may become a longer integer, or a float that is exactly it; a
float may become a shorter one, rounded as IEEE 754 does, but never infinite; a date may become one of another unit, if
that is the same moment. A kind of lesser meaning is refused whatever its values are: floats as integers, complex numbers
as real ones, numbers as strings, fields by position. NumPy's own casting allows most of this ("same_kind" cuts strings and
lets dates come round), and finds one type for a list by changing values; hence the checks here.
"""

from __future__ import annotations

import array as arrays
from itertools import chain
from typing import Any, NoReturn, Sequence, Set, Tuple

from ._numpy import np
from ._packing import refuse
from .errors import IncompatibleError

#: Kinds of numbers, each of which holds those before it.
_RANKS = {"b": 0, "u": 1, "i": 1, "f": 2, "c": 3}

#: Lists in lists beyond this are no samples.
_DEEPEST = 8

_At = Tuple[int, ...]


def as_array(data: Any, to: Any, at: _At = ()) -> Any:
    """What was given as an array, with its own values: of its own type, or for a list of several already of type `to`."""
    if isinstance(data, np.ndarray):
        if isinstance(data, np.ma.MaskedArray):
            _refuse_masked(data, at)
        return data
    if len(at) > _DEEPEST:
        refuse(f"lists in lists in lists{_place(at)}")
    if isinstance(data, bytearray):  # which NumPy takes for a list of integers
        refuse(f"a bytearray{_place(at)}")
    if _is_list(data):
        return _array_of_list(data, to, at)
    return _plainly(data)


def fitted(array: Any, to: Any, at: _At = ()) -> Any:
    """The same values as elements of type `to`; the array itself if they are that already.

    `at` is where the array stands in what was given, for the text of a refusal.
    """
    of = array.dtype
    if of == to:
        return array
    if array.size == 0:
        return np.empty(array.shape, to)
    if to.names is not None:
        return _fields(array, to, at)
    if of.kind == "O":
        return _objects(array, to, at)
    if to.kind in _RANKS and of.kind in _RANKS:
        if _RANKS[of.kind] <= _RANKS[to.kind]:
            return _numbers(array, to, at)
    elif of.kind == to.kind and of.kind in "SU":
        return _strings(array, to, at)
    elif of.kind == to.kind and of.kind in "mM":
        return _times(array, to, at)
    refuse(f"elements of {_called(of)}{_place(at)}, expected {_called(to)}")


# --- Making an array -------------------------------------------------------------------------------------------------


def _plainly(data: Any) -> Any:
    try:
        return np.asarray(data)
    except (TypeError, ValueError, OverflowError) as error:
        refuse(f"no shape or no type: {error}")


def _is_list(data: Any) -> bool:
    """Whether NumPy would have to find a type for several objects."""
    return isinstance(data, Sequence) and not isinstance(
        data, (str, bytes, bytearray, memoryview, arrays.array, range)
    )


def _array_of_list(data: Any, to: Any, at: _At) -> Any:
    leaves = data
    kinds = set(map(type, leaves))
    for _ in range(_DEEPEST):
        if not kinds or not kinds <= {list, tuple}:
            break
        leaves = list(chain.from_iterable(leaves))
        kinds = set(map(type, leaves))
    if to.names is not None and kinds and not all(issubclass(kind, (np.ndarray, np.void)) for kind in kinds):
        refuse(f"a list{_place(at)}, expected an array with {_called(to)}")
    array = None
    if not any(issubclass(kind, np.ma.MaskedArray) for kind in kinds):
        array = _plainly(data)
        if _kept(array, to, kinds, leaves):
            return array
    # Each element on its own.
    parts = [fitted(as_array(part, to, (*at, i)), to, (*at, i)) for i, part in enumerate(data)]
    try:
        return np.stack(parts)
    except ValueError as error:
        refuse(f"no shape: {error}")


def _kept(array: Any, to: Any, kinds: "Set[type]", leaves: Any) -> bool:
    """Whether the type that NumPy has found for these objects holds all of their values, and says whether one may be
    rounded: integers may not."""
    if kinds <= {bool, int}:
        return array.dtype.kind in "biu" or not kinds
    if kinds <= {bool, int, float, complex}:
        if int not in kinds:
            return True
        bits = min(53, np.finfo(to).nmant + 1) if to.kind in "fc" else 53
        return bool((abs(array) < 2.0**bits).all())  # up to here every integer is a float
    if len(kinds) > 1:
        return False
    kind = next(iter(kinds))
    if issubclass(kind, (str, bytes)):
        return True
    if issubclass(kind, (np.ndarray, np.generic)):
        return len({leaf.dtype for leaf in leaves}) == 1
    return False


def _refuse_masked(data: Any, at: _At) -> None:
    mask = np.ma.getmaskarray(data)
    if mask.dtype.names is not None:
        mask = np.ma.flatten_mask(mask)
    if mask.any():
        where = _first(mask) if mask.shape == data.shape else ()
        refuse(f"masked elements, the first one{_place((*at, *where))}: they have no value; see numpy.ma.filled")


# --- Elements --------------------------------------------------------------------------------------------------------


def _numbers(array: Any, to: Any, at: _At) -> Any:
    of = array.dtype
    # NumPy takes double precision for safe for all integers.
    if np.can_cast(of, to, "safe") and not (of.kind in "iu" and of.itemsize == 8 and to.kind in "fc"):
        return array.astype(to)
    if of.kind in "iu" and to.kind in "iu":
        limits = np.iinfo(to)
        low, high = array.argmin(), array.argmax()
        for which in low, high:
            if not limits.min <= int(array.flat[which]) <= limits.max:
                _refuse_value(array, np.unravel_index(which, array.shape) if array.shape else (), to, at)
        return array.astype(to)
    if of.kind in "iu":
        exact = _exact(array, to)
        if exact is not None:
            _refuse_where(~exact, array, to, at)
    with np.errstate(all="ignore"):
        result = array.astype(to)
    if of.kind in "fc" and not np.isfinite(result).all():
        if to.kind == "c":
            made = np.isinf(result.real) & ~np.isinf(array.real) | np.isinf(result.imag) & ~np.isinf(array.imag)
        else:
            made = np.isinf(result) & ~np.isinf(array)
        _refuse_where(made, array, to, at)
    return result


def _exact(array: Any, to: Any) -> Any:
    """Which integers a float is exactly; None if it is so for all that are no larger than these."""
    limits = np.finfo(to)
    bits = limits.nmant + 1
    largest = max(abs(int(array.min())), abs(int(array.max())))
    if largest <= 1 << bits:
        return None
    size = np.atleast_1d(array).astype(np.uint64)
    size = np.where(np.atleast_1d(array) < 0, np.uint64(0) - size, size)
    lowest_bit = np.maximum(size & (~size + np.uint64(1)), np.uint64(1))
    exact = size // lowest_bit < np.uint64(1 << bits)
    if limits.max < 2.0**64:
        exact &= size <= np.uint64(int(limits.max))
    return exact.reshape(array.shape)


def _strings(array: Any, to: Any, at: _At) -> Any:
    result = array.astype(to)
    if array.dtype.itemsize > to.itemsize:
        _refuse_where(result != array, array, to, at)
    return result


def _times(array: Any, to: Any, at: _At) -> Any:
    of = array.dtype
    if (np.datetime_data(of)[0] == "generic") != (np.datetime_data(to)[0] == "generic"):
        _refuse_where(~np.isnat(array), array, to, at)
    elif not np.can_cast(of, to, "same_kind"):
        refuse(f"elements of {_called(of)}{_place(at)}, expected {_called(to)}")
    try:
        result = array.astype(to)
        back = result.astype(of)
    except OverflowError as error:
        refuse(f"moments outside {_called(to)}{_place(at)}: {error}")
    _refuse_where(_ticks(back) != _ticks(array), array, to, at)
    return result


def _ticks(times: Any) -> Any:
    """As numbers: so not-a-time is equal to itself, and to nothing that has come round."""
    return times.astype(times.dtype.newbyteorder("=")).view(np.int64)


def _fields(array: Any, to: Any, at: _At) -> Any:
    of = array.dtype
    if of.names is None:
        refuse(f"elements of {_called(of)}{_place(at)}, expected {_called(to)}")
    for names, other, what in ((to.names, of.names, "no field"), (of.names, to.names, "a field that the ring has not,")):
        for name in names:
            if name not in other:
                refuse(f"{what} {name!r}{_place(at)}; expected {_called(to)}")
    if of.names != to.names:
        refuse(f"its fields in another order{_place(at)}: {', '.join(of.names)}; expected {', '.join(to.names)}")
    if _overlap(to):
        refuse(f"elements of {_called(of)}{_place(at)} of another layout, and fields of the ring lie one over the other")
    result = np.zeros(array.shape, to)
    for name in to.names:
        if of[name].shape != to[name].shape:
            refuse(f"field {name!r} of shape {of[name].shape}{_place(at)}, expected {to[name].shape}")
        try:
            result[name] = fitted(array[name], to[name].base)
        except IncompatibleError as error:
            detail = error.detail[len("data has ") :]
        else:
            continue
        refuse(f"in field {name!r}{_place(at)} {detail}")
    return result


def _overlap(dtype: Any) -> bool:
    extents = sorted((dtype.fields[name][1], dtype[name].itemsize) for name in dtype.names)
    return any(first + size > second for (first, size), (second, _) in zip(extents, extents[1:]))


def _objects(array: Any, to: Any, at: _At) -> Any:
    result = np.empty(array.shape, to)
    for where in np.ndindex(array.shape):
        place = (*at, *where)
        value = array[where]
        if isinstance(value, np.ma.core.MaskedConstant):
            _refuse_masked(value, place)
        if isinstance(value, (np.generic, bool, float, complex, str, bytes)):
            result[where] = fitted(np.asarray(value), to, place)
        else:
            result[where] = _whole(value, to, place)
    return result


def _whole(value: Any, to: Any, at: _At) -> Any:
    """An integer of Python's, or what stands for one."""
    index = getattr(type(value), "__index__", None)
    if index is None or to.kind not in "iufc":
        refuse(f"a {type(value).__name__}{_place(at)}, expected {_called(to)}")
    number = index(value)
    if to.kind not in "iu" or np.iinfo(to).min <= number <= np.iinfo(to).max:
        try:
            with np.errstate(all="ignore"):
                result = np.array(number, to)
            if int(result.real) == number:
                return result
        except (OverflowError, ValueError):  # infinite
            pass
    refuse(f"{number}{_place(at)}, expected {_called(to)}")


# --- What is said ----------------------------------------------------------------------------------------------------


def _first(bad: Any) -> Tuple[int, ...]:
    return tuple(int(i) for i in np.unravel_index(bad.argmax(), bad.shape)) if bad.shape else ()


def _refuse_where(bad: Any, array: Any, to: Any, at: _At) -> None:
    if bad.any():
        _refuse_value(array, _first(bad), to, at)


def _refuse_value(array: Any, where: Any, to: Any, at: _At) -> NoReturn:
    where = tuple(int(i) for i in where)
    value = array[where]
    shown = repr(value.item()) if array.dtype.kind not in "mMfc" else str(value)
    refuse(f"{shown}{_place((*at, *where))}, expected {_called(to)}")


def _place(at: _At) -> str:
    return f" at {list(at)}" if at else ""


def _called(dtype: Any) -> str:
    """A type as its user would write it."""
    if dtype.names is not None:
        return f"fields ({', '.join(dtype.names)})"
    if dtype.kind in "iu":
        limits = np.iinfo(dtype)
        return f"{dtype.name} ({limits.min} to {limits.max})"
    if dtype.kind in "SU":
        return f"{'bytes' if dtype.kind == 'S' else 'str'} of at most {dtype.itemsize // (4 if dtype.kind == 'U' else 1)}"
    return str(dtype.name)
