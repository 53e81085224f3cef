import sys

import ringbuf

name = sys.argv[1] if len(sys.argv) > 1 else "events"
with ringbuf.Writer(name, capacity=1 << 16, messages=True) as writer, ringbuf.Reader(name) as reader:
    writer.send(b"electrode 7 is loose", kind=3, tag=48000)  # belongs to sample 48000 of another ring
    writer.send(b"")
    message = reader.receive(timeout=1)  # copied and checked
    print(message.kind, message.tag, message.data.decode())
    print(len(reader.receive_view()), reader.validate())  # in place
    writer.send(b"last")
    writer.close()
    print([message.data for message in reader])  # until the stream ends; messages_async() is for asyncio
