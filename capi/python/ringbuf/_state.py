"""What a subclass of a class of ours has added to an object, for pickle."""

from __future__ import annotations

from typing import Any, Tuple


def state_of(thing: Any, base: type) -> Tuple[Any, ...]:
    """The added state as a tuple of one, the third part of a __reduce__; an empty tuple if there is none."""
    get_state = getattr(type(thing), "__getstate__", None)
    if get_state is not None and get_state is not getattr(object, "__getstate__", None):
        return (thing.__getstate__(),)
    slots = {}
    for cls in type(thing).__mro__:
        if cls is base:
            break
        for slot in _names(cls.__dict__.get("__slots__", ())):
            if slot.startswith("__") and not slot.endswith("__"):
                slot = f"_{cls.__name__.lstrip('_')}{slot}"
            if slot not in ("__dict__", "__weakref__") and hasattr(thing, slot):
                slots[slot] = getattr(thing, slot)
    added = dict(vars(thing)) or None
    return ((added, slots),) if slots else (added,) if added else ()


def _names(slots: Any) -> Tuple[str, ...]:
    return (slots,) if isinstance(slots, str) else tuple(slots)
