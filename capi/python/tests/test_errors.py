"""The exceptions."""

import pickle

import pytest

import ringbuf
from ringbuf import _library, errors

BUILT_IN = {
    ringbuf.Code.BAD_INDEX: IndexError,
    ringbuf.Code.INVALID_ARGUMENT: ValueError,
    ringbuf.Code.EXISTS: FileExistsError,
    ringbuf.Code.NOT_FOUND: FileNotFoundError,
    ringbuf.Code.TIMEOUT: TimeoutError,
    ringbuf.Code.NO_SPACE: OSError,
    ringbuf.Code.NO_MEMORY: MemoryError,
    ringbuf.Code.PERMISSION: PermissionError,
    ringbuf.Code.SYSTEM: OSError,
}


@pytest.mark.parametrize("code", [code for code in ringbuf.Code if code])
def test_each_code_has_its_class(code):
    error = errors.failure(code, "because")
    assert isinstance(error, ringbuf.BufferError) and type(error) is not ringbuf.BufferError
    assert [type(errors.failure(other, "")) for other in ringbuf.Code if other].count(type(error)) == 1
    assert error.code == code and error.detail == "because"
    assert error.name == f"RINGBUF_{code.name}"
    assert str(error) == f"{_library.lib.ringbuf_strerror(code).decode()} (error {code.value}): because"
    assert isinstance(error, BUILT_IN.get(code, Exception))
    assert f"{code.value}: " in type(error).__doc__
    copy = pickle.loads(pickle.dumps(error))
    assert (type(copy), copy.code, str(copy)) == (type(error), code, str(error))


def test_as_the_class_of_old():
    error = ringbuf.BufferError(2)
    assert error.code == 2
    assert str(error).endswith("(error 2)")
    assert issubclass(ringbuf.BufferError, Exception)
    assert "(error 77)" in str(ringbuf.BufferError(77))


def test_the_detail_is_the_librarys(name):
    with pytest.raises(ringbuf.InvalidArgumentError, match="capacity is 0") as caught:
        ringbuf.Writer(name, capacity=0)
    assert caught.value.code == 6
    with pytest.raises(FileNotFoundError, match=name):
        ringbuf.Reader(name)


@pytest.mark.parametrize("kind", ["WriteOperationsForbidden", "ReadOperationsForbidden", "BufferAlreadyCreated"])
def test_those_of_the_circular_buffer(kind):
    assert issubclass(getattr(ringbuf, kind), ringbuf.CBuffException)
    assert issubclass(ringbuf.CBuffException, Exception)
    assert getattr(ringbuf, kind) is getattr(errors, kind)


@pytest.mark.parametrize(
    "bad",
    [
        {"capacity": -1},
        {"capacity": 2**64},
        {"capacity": 1.5},
        {"capacity": 10, "channels": 2**32 + 1},
        {"capacity": 10, "window": 11},
        {"capacity": 10, "mode": 0o1000},
        {"capacity": 10, "sample_rate": -1.0},
        {"capacity": 10, "max_readers": 1025},
        {"capacity": 2**62},
    ],
)
def test_options_that_cannot_be(name, bad):
    with pytest.raises(ringbuf.BufferError) as caught:
        ringbuf.Writer(name, **bad)
    assert caught.value.code == 6


@pytest.mark.parametrize("bad", ["", ".hidden", "a/b", "a b", "a\0b", "ä", "x" * 201])
def test_names_that_cannot_be(bad):
    for refuse in (lambda: ringbuf.Writer(bad, capacity=1), lambda: ringbuf.Reader(bad), lambda: ringbuf.unlink(bad)):
        with pytest.raises(ValueError):
            refuse()
