"""Every public thing is documented, in numpydoc's form, and what is documented is there."""

import inspect
import re

import pytest

import ringbuf
from ringbuf import buffer, errors, reader, ring_buffer, writer

CLASSES = [
    getattr(ringbuf, name)
    for name in ringbuf.__all__
    if inspect.isclass(getattr(ringbuf, name)) and not issubclass(getattr(ringbuf, name), BaseException)
]
EXCEPTIONS = [
    getattr(ringbuf, name)
    for name in ringbuf.__all__
    if inspect.isclass(getattr(ringbuf, name)) and issubclass(getattr(ringbuf, name), BaseException)
]


def functions():
    yield pytest.param(ringbuf.rings, id="rings")
    yield pytest.param(ringbuf.unlink, id="unlink")
    yield pytest.param(ringbuf.wait_any, id="wait_any")
    for cls in CLASSES:
        if cls in (ringbuf.Info, ringbuf.Message, ringbuf.ReaderInfo, ringbuf.State, ringbuf.Code, ringbuf.BufferHeader):
            continue
        for name, member in inspect.getmembers(cls):
            if not name.startswith("_") and callable(member) and not inspect.isclass(member):
                yield pytest.param(member, id=f"{cls.__name__}.{name}")


def section(text, title):
    """The names before the colons of a section."""
    match = re.search(rf"^{title}\n-+\n(.*?)(?=^\w[\w ]*\n---|\Z)", text, re.MULTILINE | re.DOTALL)
    if not match:
        return None
    names = re.findall(r"^(\S[^:\n]*?)(?: :.*)?$", match.group(1), re.MULTILINE)
    return [part.strip().lstrip("*") for name in names for part in name.split(",")]


@pytest.mark.parametrize("function", functions())
def test_functions(function):
    text = inspect.getdoc(function)
    assert text and text.splitlines()[0].rstrip().endswith((".", ".}"))
    signature = inspect.signature(function)
    parameters = [name for name in signature.parameters if name not in ("self", "cls")]
    assert (section(text, "Parameters") or []) == parameters
    result = signature.return_annotation
    assert result is not inspect.Parameter.empty
    gives = "Yields" if "Iterator" in str(result) else "Returns"
    assert bool(section(text, gives)) == (result not in ("None", None)), f"{gives} of {result}"
    for name in section(text, "Raises") or []:
        assert hasattr(ringbuf, name) or name in dir(__builtins__) or name in __builtins__, name
    for parameter in signature.parameters.values():
        assert parameter.name in ("self", "cls") or parameter.annotation is not inspect.Parameter.empty


@pytest.mark.parametrize("cls", CLASSES, ids=lambda cls: cls.__name__)
def test_classes(cls):
    assert inspect.getdoc(cls)
    if cls in (ringbuf.Reader, ringbuf.Writer, ringbuf.RingBuffer, ringbuf.SharedCircularBuffer):
        assert (section(inspect.getdoc(cls), "Parameters") or []) == list(inspect.signature(cls).parameters)
    for name, member in inspect.getmembers(cls, lambda member: isinstance(member, property)):
        if not name.startswith("_"):
            assert re.search(r"\(\w|^.*ctypes", inspect.getdoc(member)), f"{name} has no type"


@pytest.mark.parametrize("cls", EXCEPTIONS, ids=lambda cls: cls.__name__)
def test_exceptions(cls):
    assert cls.__doc__


@pytest.mark.parametrize("module", [ringbuf, errors, reader, writer, buffer, ring_buffer], ids=lambda m: m.__name__)
def test_modules(module):
    assert module.__doc__
    for name in getattr(module, "__all__", []):
        assert hasattr(module, name)


def test_the_seeds_names_are_there():
    for name in (
        "RingBuffer BufferHeader BufferError datatypes SharedCircularBuffer CBuffException WriteOperationsForbidden "
        "ReadOperationsForbidden BufferAlreadyCreated"
    ).split():
        assert name in ringbuf.__all__


def test_examples(name):
    """The examples of the docstrings run."""
    import doctest

    pytest.importorskip("numpy")
    for cls in CLASSES:
        for test in doctest.DocTestFinder(recurse=False).find(cls, cls.__name__, globs={**vars(ringbuf)}):
            source = [example for example in test.examples if "Reader(" not in example.source]
            for example in source:
                example.source = example.source.replace('"levels"', repr(name)).replace('"numbers"', repr(name))
            test.examples = source
            runner = doctest.DocTestRunner()
            runner.run(test, clear_globs=False)
            assert runner.summarize(verbose=False).failed == 0
            for thing in list(test.globs.values()):
                if isinstance(thing, ringbuf.SharedCircularBuffer):
                    thing.cleanup()
