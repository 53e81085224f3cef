import sys

import ringbuf

with ringbuf.Reader(sys.argv[1]) as reader:
    for window in reader.windows(480, step=240):  # in the ring itself: nothing is copied
        left, right = window[0]
        if reader.validate():
            print(f"{reader.start}: {left:g} {right:g}")
print("the writer has ended the stream")
