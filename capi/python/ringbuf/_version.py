"""The version of the package: that of the library's header."""

__version__ = "1.0.0"
