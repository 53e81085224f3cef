"""What the tests of `ringbuf web` have in common: the fixtures of tests/tools, the server, and a WebSocket written by hand, which
can do what no browser would."""

import base64
import hashlib
import importlib.util
import itertools
import json
import os
import re
import select
import socket
import struct
import sys
from pathlib import Path

import numpy as np
import pytest

HERE = Path(__file__).resolve().parent
TOOLS = HERE.parent / "tools"
_specification = importlib.util.spec_from_file_location("tools_conftest", TOOLS / "conftest.py")
tools = importlib.util.module_from_spec(_specification)
sys.modules["tools_conftest"] = tools
_specification.loader.exec_module(tools)
# pylint: disable=unused-import,wrong-import-position
from tools_conftest import ERROR, NOT_FOUND, OK, SOURCE, TOOL, USAGE  # noqa: E402,F401
from tools_conftest import name, names, nothing_left, rng, start, tool  # noqa: E402,F401

os.environ["PATH"] = f"{os.path.dirname(TOOL)}:{os.environ['PATH']}"  # for ringbuf-web
HEAD = struct.Struct("<IIIIqqqqIIdIIQ")  # Head in capi/tools/web/viewer.cpp
FIELDS = "id kind state flags written oldest start width count channels newest_ms epoch reserved lost".split()


def recv_exactly(connection, size):
    parts = b""
    while len(parts) < size:
        part = connection.recv(size - len(parts))
        if not part:
            raise EOFError
        parts += part
    return parts


class Reply(dict):
    """The head of a binary reply, with `values`: for each channel what it has."""

    def __init__(self, data):
        super().__init__(zip(FIELDS, HEAD.unpack_from(data)))
        body = data[HEAD.size :]
        kind = np.float64 if self["flags"] & 1 else np.float32
        if self["kind"] == 1:
            self.values = np.frombuffer(body, kind).reshape(self["channels"], 2, self["count"])
        elif self["kind"] == 2:
            self.values = np.frombuffer(body, kind).reshape(self["channels"], self["count"], self["width"])
        else:
            self.values = body


class WebSocket:
    """One end of a connection, as RFC 6455 has it."""

    def __init__(self, connection):
        self.connection = connection
        self.ids = itertools.count(1)

    def send(self, data, opcode=1, mask=b"mask"):
        data = data if isinstance(data, bytes) else data.encode()
        head = bytes([0x80 | opcode])
        if len(data) < 126:
            head += bytes([0x80 | len(data)])
        elif len(data) < 65536:
            head += bytes([0x80 | 126]) + struct.pack(">H", len(data))
        else:
            head += bytes([0x80 | 127]) + struct.pack(">Q", len(data))
        self.connection.sendall(head + mask + bytes(byte ^ mask[at % 4] for at, byte in enumerate(data)))

    def receive(self):
        """The next message: its opcode and bytes. Pings are answered."""
        while True:
            first, second = recv_exactly(self.connection, 2)
            size = second & 127
            if size == 126:
                (size,) = struct.unpack(">H", recv_exactly(self.connection, 2))
            elif size == 127:
                (size,) = struct.unpack(">Q", recv_exactly(self.connection, 8))
            assert first & 0x80 and not second & 0x80  # whole, and not masked
            data = recv_exactly(self.connection, size)
            if first & 15 == 9:
                self.send(data, opcode=10)
                continue
            return first & 15, data

    def ask(self, op, **fields):
        number = next(self.ids)
        self.send(json.dumps({"op": op, "id": number, **fields}))
        return self.reply(number)

    def reply(self, number=None):
        opcode, data = self.receive()
        reply = json.loads(data) if opcode == 1 else Reply(data)
        assert number is None or reply["id"] == number
        return reply

    def columns(self, ring, start, end, width=1, channels=(0,), after=-1, epoch=1, state=1):
        reply = self.ask("columns", ring=ring, width=width, to=end, channels=list(channels), after=after, epoch=epoch,
                         state=state, **{"from": start})  # fmt: skip
        assert "error" not in reply, reply
        return reply

    def settled(self, ring, start, end, **words):
        """Columns, once the server has taken all that was there before."""
        while True:
            reply = self.columns(ring, start, end, **words)
            if not reply["flags"] & 2:
                return reply


class Server:
    def __init__(self, process):
        self.process = process
        self.url = process.stdout.readline().decode().strip()
        found = re.fullmatch(r"http://(\[?[0-9a-f.:]+\]?):(\d+)/(?:\?token=([0-9a-f]{32}))?(#.*)?", self.url)
        assert found, self.url
        self.host, self.port, self.token = found[1], int(found[2]), found[3]

    def connect(self):
        connection = socket.create_connection((self.host.strip("[]"), self.port), timeout=100)
        return connection

    def send(self, text, connection=None):
        """Sends bytes, and returns status, headers and body of the answer; status 0: the server has closed the connection."""
        connection = connection or self.connect()
        try:
            connection.sendall(text if isinstance(text, bytes) else text.encode())
        except ConnectionError:
            pass
        data = b""
        try:
            while b"\r\n\r\n" not in data:
                part = connection.recv(65536)
                if not part:
                    return 0, {}, b""
                data += part
            head, body = data.split(b"\r\n\r\n", 1)
            lines = head.decode().split("\r\n")
            headers = {key.lower(): value.strip() for key, value in (line.split(":", 1) for line in lines[1:])}
            status = int(lines[0].split()[1])
            size = int(headers.get("content-length", 0)) if not text[:4] in ("HEAD", b"HEAD") and status != 101 else 0
            return status, headers, body + recv_exactly(connection, size - len(body)) if size > len(body) else body
        except ConnectionResetError:
            return 0, {}, b""

    def get(self, target="/", method="GET", host=None, **headers):
        lines = [f"{method} {target} HTTP/1.1", f"Host: {host or f'{self.host}:{self.port}'}"]
        lines += [f"{key.replace('_', '-')}: {value}" for key, value in headers.items()]
        return self.send("\r\n".join([*lines, "", ""]))

    def upgrade(self, target="/live", origin="", host=None, key="dGhlIHNhbXBsZSBub25jZQ==", **headers):
        """Status of an upgrade, and the WebSocket if there is one."""
        host = host or f"{self.host}:{self.port}"
        origin = f"http://{host}" if origin == "" else origin
        lines = [f"GET {target} HTTP/1.1", f"Host: {host}", "Upgrade: websocket", "Connection: Upgrade",
                 f"Sec-WebSocket-Key: {key}", "Sec-WebSocket-Version: 13"]  # fmt: skip
        lines += [f"Origin: {origin}"] if origin is not None else []
        lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
        connection = self.connect()
        status, got, _ = self.send("\r\n".join([*lines, "", ""]), connection)
        if status != 101:
            connection.close()
            return status, None
        digest = hashlib.sha1((key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").encode()).digest()
        assert got["sec-websocket-accept"] == base64.b64encode(digest).decode()
        return status, WebSocket(connection)

    def live(self):
        return self.upgrade()[1]

    def nothing_comes(self, web_socket):
        return not select.select([web_socket.connection], [], [], 0)[0]


@pytest.fixture
def web(start):
    """Starts `ringbuf web WORD...` on a free port."""

    def begin(*words):
        return Server(start("web", "--port", 0, *words, stderr=None))

    return begin
