import sys

import numpy as np
import ringbuf

name = sys.argv[1] if len(sys.argv) > 1 else "tour"
metadata = {"channels": [{"name": "left", "unit": "V"}, {"name": "right", "unit": "V"}]}  # docs/metadata.md
with ringbuf.Writer(
    name, capacity=48000, window=480, channels=2, dtype="int16", sample_rate=48000, metadata=metadata
) as writer, ringbuf.Reader(name) as reader:
    writer.put(np.arange(1000).reshape(500, 2))  # any array that fits, of shape (samples, channels)
    writer.push([1000, 1001])  # one sample
    with writer.reserve(100) as block:  # write in place
        block[:] = -1

    print(reader.metadata["channels"][0]["unit"], reader.sample_rate, reader.written)
    print(reader.view(498, 502).tolist())  # by index, where it lies; read(498, 502) copies
    print(reader.latest(2).tolist(), reader.validate())
    print(reader.wait(602, timeout=0.1))  # lets other threads run; Ctrl-C gets through

    print(reader.next(480, step=240).shape, reader.start, reader.position)  # the sliding window
    print(reader.pop().tolist(), len(reader.pop_many(1000)))  # consumed: copied and checked
    writer.put(np.zeros((50000, 2)).astype("int16"))
    try:
        reader.pop()
    except ringbuf.OverwrittenError as error:  # told once
        print(error.name, reader.lost)
