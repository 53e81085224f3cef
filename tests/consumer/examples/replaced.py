# from ringbuffer import RingBuffer, BufferError
# from shared_cbuff import SharedCircularBuffer
from ringbuf import BufferError, RingBuffer, SharedCircularBuffer

import multiprocessing
import sys
import numpy as np

def acquire(raw):
    buffer = RingBuffer()
    buffer.initialize_from_raw(raw)
    for _ in range(100):
        buffer.put_data(np.ones((25, 4)))

if __name__ == "__main__":
    buffer = RingBuffer()
    buffer.initialize(4, 1000, windowSize=100)
    process = multiprocessing.Process(target=acquire, args=(buffer.raw,))
    process.start()
    process.join()
    print(buffer.nSamplesWritten, buffer.get_data(1950, 2050).sum(), buffer.check_availablility(1950, 2050))
    try:
        buffer.get_data(0, 100)
    except BufferError as error:
        print(error.code)

    name = sys.argv[1] if len(sys.argv) > 1 else "replaced"
    writer = SharedCircularBuffer(name, create=True, item_size=4, length=100)
    reader = SharedCircularBuffer(name, item_size=4, length=100)
    for number in range(50):
        writer.push(number)
    print(reader.usage, reader.popitem(), reader.popmany(3))
