"""Changing samples that are in the ring already, and the pocket that stays equal to the data."""

import gc
import os

import pytest

import ringbuf

np = pytest.importorskip("numpy")
CAPACITY, WINDOW = 10, 4


@pytest.fixture
def writer():
    with ringbuf.Writer(None, capacity=CAPACITY, window=WINDOW, dtype="int32") as writer:
        writer.put(np.arange(13))
        yield writer


@pytest.fixture
def reader(writer):
    with ringbuf.Reader(fd=writer.memory_fd()) as reader:
        yield reader


def sides(reader):
    """The samples that stand twice: in the data and in the pocket."""
    return reader._samples[:WINDOW, 0].tolist(), reader._samples[CAPACITY:, 0].tolist()


def test_in_the_data(writer, reader):
    view = writer.edit(10, 12)  # slots 0 and 1
    view[:] = [[70], [71]]
    assert reader.view(10, 12)[:, 0].tolist() == [70, 71]
    writer.sync()
    assert sides(reader) == ([70, 71, 12, 3],) * 2
    assert reader.view(8, 13)[:, 0].tolist() == [8, 9, 70, 71, 12]


def test_in_the_pocket(writer, reader):
    view = writer.edit(9, 12)  # slot 9 and the pocket
    view[:] = [[69], [70], [71]]
    assert reader.view(9, 12)[:, 0].tolist() == [69, 70, 71]
    writer.sync()
    assert sides(reader) == ([70, 71, 12, 3],) * 2
    assert reader.view(10, 13)[:, 0].tolist() == [70, 71, 12]


@pytest.mark.parametrize("start, end", [(10, 13), (8, 13)])
def test_when_the_view_is_gone(writer, reader, start, end):
    view = writer.edit(start, end)
    derived = view[1:][::-1].T  # keeps the view alive
    view[-1] = 72
    del view
    gc.collect()
    derived[0, -1] += 100
    del derived
    gc.collect()
    left, pocket = sides(reader)
    assert left == pocket
    assert left[2] == 72
    assert reader.read(start, end).sum() == sum(range(start, end)) - 12 + 72 + 100


@pytest.mark.parametrize("end", ["put", "push", "edit", "reserve", "close"])
def test_before_what_comes_next(writer, reader, end):
    view = writer.edit(9, 13)
    view[1] = 70
    if end == "put":
        writer.put([13])
    elif end == "push":
        writer.push(np.array([13], "int32"))
    elif end == "edit":
        writer.edit(12, 13)
    elif end == "reserve":
        writer.reserve(1)
    else:
        writer.close()
    assert sides(reader)[0][0] == sides(reader)[1][0] == 70


def test_two_views_of_one_sample(writer, reader):
    data, pocket = writer.edit(10, 13), writer.edit(9, 13)
    data[0] = 70
    pocket[2] = 71
    data[2] = 72
    writer.sync()
    assert sides(reader) == ([70, 71, 72, 3],) * 2
    pocket[1] = 80
    writer.sync()
    data[1] = 81
    writer.sync()
    assert sides(reader) == ([80, 81, 72, 3],) * 2


def test_put_while_a_view_is_there(writer, reader):
    view = writer.edit(9, 13)
    writer.put(np.arange(13, 23))  # over all of it
    writer.sync()
    assert sides(reader) == ([20, 21, 22, 13],) * 2
    view[1] = 99  # the place of sample 10 is sample 20's by now
    del view
    gc.collect()
    assert reader.read(13, 23)[:, 0].tolist() == [13, 14, 15, 16, 17, 18, 19, 99, 21, 22]


def test_a_view_in_the_middle_costs_nothing(writer, reader):
    view = writer.edit(5, 8)
    view[0] = 55
    assert writer._edits._before is None
    assert reader.view(5, 6)[0, 0] == 55


def test_after_close_nobody_writes(writer, reader):
    view = writer.edit(9, 13)
    fd = writer.memory_fd()
    with ringbuf.Reader(fd=fd) as keeper:
        writer.close()
        with ringbuf.Writer.resume(fd=keeper.memory_fd()) as heir:
            heir.put(np.arange(13, 23))
            view[1] = 99  # memory it is still, but who holds it is no writer: it is not copied
            del view
            gc.collect()
            assert sides(keeper)[1] == [99, 21, 22, 13]
            assert sides(keeper)[0] == [20, 21, 22, 13]


def test_a_forked_child_copies_nothing(writer, reader):
    view = writer.edit(9, 13)
    view[1] = 70  # in the pocket, and not yet on the other side
    child = os.fork()
    if child == 0:
        try:
            writer.sync()
            writer.put([13])
        except ringbuf.ForkedError:
            os._exit(25)
        os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 25
    assert sides(reader)[0][0] == 10
    writer.sync()
    assert sides(reader)[0][0] == 70


@pytest.mark.parametrize("how", ["put", "put of another type", "push", "reserve", "put_data"])
@pytest.mark.parametrize("side", ["data", "pocket"])
def test_a_view_that_is_kept_while_samples_are_put(how, side):
    with ringbuf.RingBuffer() as buffer:
        buffer.initialize(1, 100, 20)
        buffer.put_data(np.zeros((110, 1)))
        work = buffer.get_data(10, 20, False) if side == "data" else buffer.get_data(95, 105, False)
        other = buffer.get_data(100, 110, False)
        writer = buffer._writer
        for lap in range(3):
            fives = np.full((100, 1), 5.0 + lap, "float32")
            if how == "put":
                writer.put(fives)
            elif how == "put of another type":
                writer.put(fives.astype("float64"))
            elif how == "push":
                for five in fives:
                    writer.push(five)
            elif how == "reserve":
                for _ in range(10):
                    with writer.reserve(10) as block:
                        block[:] = 5.0 + lap
            else:
                buffer.put_data(fives.astype("float64"))
            total = buffer.nSamplesWritten
            assert (buffer.get_data(total - 100, total) == 5 + lap).all()
            (other[2:3] if side == "data" else work[7:8])[:] = 9  # slot 2
            other[3] = 8
            buffer.sync()
            assert buffer.get_data(total - 10, total - 5)[:, 0].tolist() == [5 + lap, 5 + lap, 9, 8, 5 + lap]
            assert buffer.get_data(total - 15, total - 5)[5:, 0].tolist() == [5 + lap, 5 + lap, 9, 8, 5 + lap]
            assert (buffer._ring._samples[:20] == buffer._ring._samples[100:]).all()


def test_what_is_put_is_not_undone_by_a_view_that_was_changed_before(writer, reader):
    data, pocket = writer.edit(10, 13), writer.edit(9, 13)
    data[0], pocket[2] = 70, 71
    writer.put(np.arange(13, 23))
    writer.sync()
    assert sides(reader) == ([20, 21, 22, 13],) * 2
    pocket[1] = 80
    with pytest.raises(ringbuf.IncompatibleError):
        writer.put(np.arange(3.0))
    writer.sync()
    assert sides(reader) == ([80, 21, 22, 13],) * 2


def test_a_block_that_is_reserved_is_not_undone_by_a_view(writer, reader):
    """The view shows, in the pocket, a slot that the block has in the data."""
    pocket = writer.edit(9, 13)
    writer.put(np.arange(13, 20))  # up to the end
    reservation = writer.reserve(3)
    reservation.block[:] = [[20], [21], [22]]
    pocket[2] = 99
    writer.sync()
    reservation.commit(3)
    assert sides(reader) == ([20, 21, 22, 13],) * 2
    writer.put(np.arange(23, 28))
    reservation = writer.reserve(5)  # over the end
    reservation.block[:, 0] = range(28, 33)
    writer.sync()
    reservation.commit(5)
    assert sides(reader) == ([30, 31, 32, 23],) * 2


def test_fields_of_an_element_may_be_changed_on_both_sides():
    fields = np.dtype([("a", "i2"), ("inner", [("b", "i4", (2,)), ("c", "u1")])], align=True)
    with ringbuf.Writer(None, capacity=10, window=4, channels=2, dtype=fields) as writer:
        writer.put(np.zeros((13, 2), fields))
        data, pocket = writer.edit(10, 13), writer.edit(9, 13)
        data["a"][1, 1] = 7
        pocket["inner"]["b"][2, 1, 0] = 8
        data["inner"]["b"][1, 1, 1] = 9
        pocket["inner"]["c"][2, 1] = 10
        writer.sync()
        for sample in writer.view(11, 12)[0, 1], writer.view(9, 12)[2, 1]:
            assert (sample["a"], sample["inner"]["b"].tolist(), sample["inner"]["c"]) == (7, [8, 9], 10)


def test_a_forked_child_gets_no_writable_view(reader, writer):
    before = reader.read(3, 13).tolist()
    with ringbuf.RingBuffer() as buffer:
        buffer.initialize(1, 10)
        buffer.put_data(np.zeros(5))
        child = os.fork()
        if child == 0:
            refused = 0
            try:
                for get in (
                    lambda: writer.edit(5, 8),
                    lambda: writer.edit(9, 13),
                    lambda: writer.edit(3, 3),
                    lambda: buffer.get_data(0, 3, wprotect=False),
                    lambda: writer.reserve(1),
                ):
                    try:
                        get()[:] = 42
                    except ringbuf.ForkedError:
                        refused += 1
            finally:
                os._exit(refused)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 5
        assert (buffer.get_data(0, 5) == 0).all()
    assert reader.read(3, 13).tolist() == before


def test_what_cannot_be_edited(writer):
    with pytest.raises(ringbuf.OverwrittenError):
        writer.edit(2, 5)
    with pytest.raises(ringbuf.NotYetError):
        writer.edit(12, 14)
    with pytest.raises(ringbuf.NotContiguousError):
        with ringbuf.Writer(None, capacity=10, window=1) as narrow:
            narrow.put(np.zeros(15))
            narrow.edit(8, 13)


def test_of_a_ring_buffer():
    with ringbuf.RingBuffer() as buffer, ringbuf.RingBuffer() as other:
        buffer.initialize(2, 10, 4)
        other.initialize_from_raw(buffer.raw)
        buffer.put_data(np.zeros((13, 2)))
        view = buffer.get_data(8, 13, wprotect=False)
        assert view.flags.writeable and view.shape == (5, 2)
        view += 5  # in place, as nothing but memory can notice
        buffer.sync()
        assert (other.get_data(10, 13) == 5).all() and (other.get_data(8, 13) == 5).all()
        with pytest.raises(ringbuf.BufferError) as caught:
            other.get_data(8, 13, wprotect=False)
        assert caught.value.code == 11
        with pytest.raises(ringbuf.BufferError) as caught:
            buffer.put_data(np.zeros((5, 2)))
            buffer.get_data(8, 18, wprotect=False)
        assert caught.value.code == 17


def test_random_edits(rng):
    """Any number of views at a time, against a plain list."""
    for _ in range(40):
        capacity = rng.randint(1, 12)
        window = rng.randint(1, capacity)
        with ringbuf.Writer(None, capacity=capacity, window=window, channels=2, dtype="int16") as writer:
            expected, views = {}, []
            for step in range(60):
                action = rng.random()
                if action < 0.3:
                    count = rng.randint(1, capacity)
                    for i in range(writer.written, writer.written + count):
                        expected[i] = [i, -i]
                    writer.put([expected[i] for i in range(writer.written, writer.written + count)])
                    kept = [(start, view) for start, view in views if rng.random() < 0.7]
                    # What a view shows has other indices by now: slots stay.
                    views = [(start + (writer.written - start - 1) // capacity * capacity, view) for start, view in kept]
                    views = [(s, v) for s, v in views if s + len(v) <= writer.written]
                elif action < 0.6 and writer.written:
                    start = rng.randint(max(0, writer.written - capacity), writer.written)
                    end = rng.randint(start, writer.written)
                    try:
                        views.append((start, writer.edit(start, end)))
                    except ringbuf.NotContiguousError:
                        pass
                elif action < 0.9 and views:
                    start, view = rng.choice(views)
                    if len(view):
                        row = rng.randrange(len(view))
                        at = start + row
                        while at >= writer.written:
                            at -= capacity
                        view[row, 1] = step
                        expected[at][1] = step
                        writer.sync()  # else a second change of the same sample may come from the other side
                elif views:
                    views.pop(rng.randrange(len(views)))
                total = writer.written
                first = max(0, total - capacity)
                assert writer.read(first, total).tolist() == [expected[i] for i in range(first, total)]
                assert (writer._samples[:window] == writer._samples[capacity:]).all()
