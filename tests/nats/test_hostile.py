"""Streams that somebody else has filled: refused in words that say which entry and what of it, and no sample is put."""

import contextlib
import json
import socket

import pytest
import ringbuf
from conftest import ERROR, LOST, tool, tool_json
from origins import check, origin, put, samples, wait_for_index

RING = "0123456789abcdef0123456789abcdef"
PUSHER = "0123456789abcdef"


class Client:
    """The few words of NATS' protocol that it takes to publish."""

    def __init__(self, server):
        self.socket = socket.create_connection(("127.0.0.1", server.port))
        self.file = self.socket.makefile("rb")
        self.send(b'CONNECT {"verbose":false,"headers":true,"no_responders":true}\r\nSUB answers 1\r\nPING\r\n')
        while self.file.readline().strip() != b"PONG":
            pass

    def send(self, data):
        self.socket.sendall(data)

    def request(self, subject, payload, headers=None):
        """What the server answers, as JSON."""
        lines = b"NATS/1.0\r\n" + b"".join(f"{key}: {value}\r\n".encode() for key, value in (headers or {}).items()) + b"\r\n"
        self.send(f"HPUB {subject} answers {len(lines)} {len(lines) + len(payload)}\r\n".encode() + lines + payload + b"\r\n")
        while True:
            line = self.file.readline().split()
            if line[0] == b"PING":
                self.send(b"PONG\r\n")
            elif line[0] in (b"MSG", b"HMSG"):
                return json.loads(self.file.read(int(line[-1]) + 2))

    def close(self):
        self.file.close()
        self.socket.close()


def digest(data):
    value = 0xCBF29CE484222325
    for each in data:
        value = (value ^ each) * 0x100000001B3 % 2**64
    return f"{value:016x}"


DESCRIPTION = {"version": 1, "ring": "there", "host": "h", "boot": "b", "ring_id": RING, "generation": 1, "type": "int32",
               "channels": 4, "item_size": 4, "capacity": 10_000, "window": 1000, "sample_rate": 1000.0, "lossless": False,
               "max_readers": 16, "metadata": ""}


class Stream:
    """A stream, filled by hand."""

    def __init__(self, client, name):
        self.client, self.name = client, name
        config = {"name": name, "subjects": [f"ringbuf.{name}.>"], "retention": "limits", "storage": "file", "discard": "old",
                  "num_replicas": 1, "max_consumers": -1, "max_msgs": -1, "max_bytes": -1, "max_age": 0}
        made = client.request(f"$JS.API.STREAM.CREATE.{name}", json.dumps(config).encode())
        assert "error" not in made, made
        self.shape = "0" * 16

    def publish(self, subject, headers, payload):
        headers = {"Ringbuf-Version": 1, "Ringbuf-Ring": RING, "Ringbuf-Shape": self.shape, "Ringbuf-Pusher": PUSHER, **headers}
        headers = {key: value for key, value in headers.items() if value is not None}
        answer = self.client.request(f"ringbuf.{self.name}.{subject}", payload, headers)
        assert "error" not in answer, answer

    def ring(self, index=0, headers=(), **changes):
        description = {**DESCRIPTION, **changes}
        payload = json.dumps({key: value for key, value in description.items() if value is not None}).encode()
        self.shape = digest(payload)
        self.publish("ring", {"Ringbuf-Kind": "ring", "Ringbuf-Index": index, "Ringbuf-Count": 0, "Ringbuf-After": index,
                              **dict(headers)}, payload)

    def samples(self, index, count, after=None, payload=None, **headers):
        names = {key.replace("_", "-"): value for key, value in headers.items()}
        self.publish("data", {"Ringbuf-Kind": "samples", "Ringbuf-Index": index, "Ringbuf-Count": count,
                              "Ringbuf-After": index if after is None else after, **names},
                     samples(index, count).tobytes() if payload is None else payload)


@pytest.fixture
def stream(server, name):
    client = Client(server)
    yield Stream(client, f"{name}-stream")
    client.close()


def refuses(server, stream, there):
    return tool("nats", "pull", stream.name, there, "--server", server.url, status=ERROR)[1]


def test_a_stream_made_by_hand_is_pulled(server, stream, nats, name):
    """So that what is refused below is refused for what it is changed in."""
    stream.ring()
    stream.samples(0, 100)
    stream.samples(150, 50, after=100)
    pull = nats(server, "pull", stream.name, name)
    wait_for_index(name, 200, pull)
    check(name, gaps=[(100, 150)])
    # What comes again is dropped, as a whole or in part; what is missing in between is a gap, and said to be lost.
    stream.samples(0, 100)
    stream.samples(150, 100, after=150)
    stream.samples(260, 40, after=260)
    wait_for_index(name, 300, pull)
    check(name, gaps=[(100, 150), (250, 260)])
    (status,) = tool_json("nats", "status", stream.name, "--json", "--server", server.url)
    assert (status["pull"][0]["duplicates"], status["pull"][0]["gaps"], status["pull"][0]["lost"]) == (1, 2, 10)
    stream.publish("data", {"Ringbuf-Kind": "end", "Ringbuf-Index": 300, "Ringbuf-Count": 0, "Ringbuf-After": 300,
                            "Ringbuf-End": "closed"}, b"")
    assert pull.wait() == LOST


SHAPES = [
    ({"version": 2}, "version 2"),
    ({"type": "int24"}, '"int24"'),
    ({"capacity": -1}, "no possible ring"),
    ({"capacity": 2**63}, "no possible ring"),
    ({"capacity": 10**15}, "memory"),
    ({"channels": "many"}, "not as it should be"),
    ({"window": 10**9}, "no possible ring"),
    ({"ring_id": "1" * 32}, "another ring"),
    ({"metadata": None}, "not as it should be"),
    ({"metadata_hex": "zz"}, "hexadecimal"),
]


@pytest.mark.parametrize("changes,text", SHAPES)
def test_descriptions(changes, text, server, stream, name):
    stream.ring(**changes)
    said = refuses(server, stream, name)
    assert text in said, said
    with contextlib.suppress(ringbuf.NotFoundError), ringbuf.Reader(name):
        pytest.fail("a ring was made")


HEADERS = [
    ({"Ringbuf_Version": 2}, "Ringbuf-Version"),
    ({"Ringbuf_Version": None}, "Ringbuf-Version"),
    ({"Ringbuf_Kind": "noise"}, "Ringbuf-Kind"),
    ({"Ringbuf_Ring": "x" * 32}, "Ringbuf-Ring"),
    ({"Ringbuf_Ring": None}, "Ringbuf-Ring"),
    ({"Ringbuf_Shape": "0"}, "Ringbuf-Shape"),
    ({"Ringbuf_Pusher": "me"}, "Ringbuf-Pusher"),
    ({"Ringbuf_Index": -1}, "Ringbuf-Index"),
    ({"Ringbuf_Index": 2**63}, "Ringbuf-Index"),
    ({"Ringbuf_Index": "1e3"}, "Ringbuf-Index"),
    ({"Ringbuf_Index": 2**63 - 5}, "Ringbuf-Count"),
    ({"Ringbuf_Index": 2**63 - 1000}, "too large"),
    ({"Ringbuf_Count": 0}, "Ringbuf-Count"),
    ({"Ringbuf_Count": 11}, "11 samples"),
    ({"Ringbuf_Count": 2**62}, "samples of 16 bytes"),
    ({"Ringbuf_After": 200}, "Ringbuf-After"),
    ({"Ringbuf_Lost": 1}, "Ringbuf-Lost"),
    ({"Ringbuf_Time": "now then"}, "Ringbuf-Time"),
    ({"Ringbuf_Time": "1"}, "Ringbuf-Time"),
    ({"Ringbuf_Monotonic": f"0 {2**62}"}, "Ringbuf-Monotonic"),
    ({"payload": b""}, "bytes"),
    ({"payload": bytes(161)}, "161 bytes"),
]


@pytest.mark.parametrize("changes,text", HEADERS)
def test_entries(changes, text, server, stream, nats, name):
    """In a ring that is open: what came before stays, and nothing of that entry comes."""
    stream.ring()
    stream.samples(0, 100)
    pull = nats(server, "pull", stream.name, name, "--keep", stderr=-1, text=True)
    wait_for_index(name, 100, pull)
    stream.samples(100, 10, **changes)
    assert pull.wait() == ERROR
    said = pull.stderr.read()
    assert text in said and "entry 3" in said, said
    check(name, gaps=[], written=100)
    ringbuf.unlink(name)


def test_another_shape_of_the_same_ring(server, stream, nats, name):
    stream.ring()
    stream.samples(0, 100)
    pull = nats(server, "pull", stream.name, name, "--keep", stderr=-1, text=True)
    wait_for_index(name, 100, pull)
    stream.ring(index=100, channels=5)
    assert pull.wait() == ERROR and "another shape" in pull.stderr.read()
    check(name, written=100)
    ringbuf.unlink(name)


def test_what_is_no_stream_of_ours(server, stream, name):
    config = {"name": "others", "subjects": ["others.>"], "retention": "limits", "storage": "file"}
    stream.client.request("$JS.API.STREAM.CREATE.others", json.dumps(config).encode())
    assert 'ringbuf has not made the stream "others"' in tool("nats", "pull", "others", name, "--server", server.url, status=3)[1]
    with origin(name) as writer:
        put(writer, 1)
        said = tool("nats", "push", name, "--stream", "others", "--server", server.url, status=ERROR)[1]
        assert "is not one of ringbuf" in said
        stream.ring()
        said = tool("nats", "push", name, "--stream", stream.name, "--server", server.url, status=ERROR)[1]
        assert 'is that of ring "there" of host h' in said


def test_samples_that_the_ring_never_had(server, nats, stream, name):
    """The id of our ring, and more samples than it has written."""
    with origin(name) as writer:
        put(writer, 10)
        id_of = writer.info().ring_id.hex()
        stream.ring(ring_id=id_of, headers=(("Ringbuf-Ring", id_of),))
        stream.samples(0, 100, Ringbuf_Ring=id_of)
        said = tool("nats", "push", name, "--stream", stream.name, "--server", server.url, status=ERROR)[1]
        assert "they are not from this ring" in said
