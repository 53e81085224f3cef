"""Servers of NATS, alone and three together, and a proxy: all of them end with the test."""

import json
import os
import re
import select
import socket
import subprocess
import threading
import time
from pathlib import Path


PROGRAM = os.environ.get("RINGBUF_NATS_SERVER") or "/usr/sbin/nats-server"


def wait_until(condition):
    """No limit but that of ctest."""
    while not (found := condition()):
        time.sleep(0.01)
    return found


def free_port():
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


class Server:
    """nats-server on a port that the system chooses, and again on that port when it is restarted."""

    def __init__(self, directory, *words, port=-1, store=None):
        self.directory = Path(directory)
        self.store = Path(store or self.directory / "store")
        self.directory.mkdir(parents=True, exist_ok=True)
        self.words = words
        self.port = port
        self.process = None

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.kill()

    def start(self):
        for old in self.directory.glob("*.ports"):
            old.unlink()
        log = open(self.directory / "log", "ab")  # pylint: disable=consider-using-with
        words = [PROGRAM, "-a", "127.0.0.1", "-p", str(self.port), "--ports_file_dir", str(self.directory), "-js",
                 "-sd", str(self.store), *self.words]
        with log:
            self.process = subprocess.Popen(words, stdout=log, stderr=log, stdin=subprocess.DEVNULL)

        def ports():
            assert self.process.poll() is None, (self.directory / "log").read_text()
            for file in self.directory.glob("*.ports"):
                try:
                    return json.loads(file.read_text())["nats"]
                except (ValueError, OSError):  # it is being written
                    return None
            return None

        self.port = int(re.search(r":(\d+)$", wait_until(ports)[0])[1])

    def kill(self):
        """As kill -9 does it."""
        if self.process:
            self.process.kill()
            self.process.wait()
            self.process = None

    def restart(self):
        self.kill()
        self.start()

    @property
    def url(self):
        return f"nats://127.0.0.1:{self.port}"


class Cluster:
    """Three servers, each with a store of its own."""

    def __init__(self, directory):
        ports = [free_port() for _ in range(3)]
        routes = ",".join(f"nats://127.0.0.1:{port}" for port in ports)
        self.servers = [
            Server(Path(directory) / f"s{i}", "--name", f"s{i}", "--cluster_name", "ringbuf", "--cluster", f"nats://127.0.0.1:{port}",
                   "--routes", routes)
            for i, port in enumerate(ports)
        ]

    def __enter__(self):
        for each in self.servers:
            each.start()
        return self

    def __exit__(self, *_):
        for each in self.servers:
            each.kill()

    @property
    def url(self):
        return ",".join(each.url for each in self.servers)


class Proxy:
    """Passes bytes between clients and a server: as many a second as `rate` says, and none while it is cut. `on_request`, if there
    is one, is called with the first words of a connection, each request to JetStream, and each entry, before they are passed on.
    """

    def __init__(self, port):
        self.target = port
        self.rate = None
        self.blackhole = False
        self.on_request = None
        self._pairs = []
        self._lock = threading.Lock()
        self._ended = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._threads = [threading.Thread(target=self._accept, daemon=True)]
        self._threads[0].start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._ended.set()
        self._threads[0].join()
        self._listener.close()
        self.cut()
        for thread in list(self._threads):
            thread.join()

    @property
    def url(self):
        return f"nats://127.0.0.1:{self.port}"

    def cut(self):
        """Ends the connections that there are."""
        with self._lock:
            pairs, self._pairs = self._pairs, []
        for pair in pairs:
            for each in pair:
                try:
                    each.shutdown(socket.SHUT_RDWR)
                except OSError:
                    pass

    def _accept(self):
        while not self._ended.is_set():
            if not select.select([self._listener], [], [], 0.05)[0]:
                continue
            try:
                client = self._listener.accept()[0]
                server = socket.create_connection(("127.0.0.1", self.target))
            except OSError:
                continue
            with self._lock:
                self._pairs.append((client, server))
            for source, sink in ((client, server), (server, client)):
                thread = threading.Thread(target=self._pass, args=(source, sink), daemon=True)
                self._threads.append(thread)
                thread.start()

    def _pass(self, source, sink):
        try:
            while not self._ended.is_set():
                if self.blackhole:
                    time.sleep(0.01)
                    continue
                if not select.select([source], [], [], 0.05)[0] or self.blackhole:
                    continue
                data = source.recv(65536)
                if not data:
                    break
                if self.on_request and any(each in data for each in (b"CONNECT {", b" $JS.API.", b"PUB ringbuf.")):
                    self.on_request(data)
                if self.rate:
                    time.sleep(len(data) / self.rate)
                sink.sendall(data)
        except OSError:
            pass
        for each in (source, sink):
            try:
                each.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
        source.close()
