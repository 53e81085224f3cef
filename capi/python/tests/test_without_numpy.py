"""Everything but RingBuffer works without NumPy."""

from conftest import HERE, run


def test_without_numpy(name):
    assert run((HERE / "without_numpy.py").read_text(), name) == "all of it\n"
