"""NumPy, or None where there is none."""

from __future__ import annotations

from typing import Any

np: Any
try:
    import numpy as np
except ImportError:
    np = None
