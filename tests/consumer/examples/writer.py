import sys

import numpy as np
import ringbuf

with ringbuf.Writer(sys.argv[1], channels=2, capacity=480000, window=480) as writer:
    for _ in sys.stdin:  # each Enter puts 480 samples of 2 channels, Ctrl-D ends the stream
        n = np.arange(writer.written, writer.written + 480)
        writer.put(np.stack([n, 2 * n], axis=1))
