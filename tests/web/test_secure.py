"""`ringbuf web`: who is let in, and what becomes of requests that nobody sends by mistake."""

import json
import re
import socket

import numpy as np
import pytest
from conftest import ERROR, NOT_FOUND, USAGE, tool
from ringbuf import Writer


def test_the_page_and_its_headers(web):
    server = web()
    for target, kind in (("/", "text/html"), ("/page.js", "text/javascript"), ("/page.css", "text/css"), ("/icon.svg", "image/svg+xml")):
        status, headers, body = server.get(target)
        assert status == 200 and headers["content-type"].startswith(kind) and len(body) == int(headers["content-length"])
        policy = headers["content-security-policy"]
        assert "default-src 'none'" in policy and "unsafe" not in policy and "*" not in policy and "data:" not in policy
        assert headers["x-content-type-options"] == "nosniff" and headers["x-frame-options"] == "DENY"
        assert headers["referrer-policy"] == "no-referrer" and headers["cache-control"] == "no-store"
        assert "access-control-allow-origin" not in headers
        status, headers, nothing = server.get(target, method="HEAD")
        assert (status, nothing, int(headers["content-length"])) == (200, b"", len(body))
    html = server.get("/")[2].decode()
    assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\son\w+=|\sstyle=|https?://", html)


def test_the_page_needs_no_network(web):
    script = web().get("/page.js")[2].decode()
    found = set(re.findall(r"https?://[^\s\"'`)]+", script))
    assert all(each.startswith(("http://www.w3.org/", "https://github.com/leeoniya")) for each in found), found
    assert "innerHTML" not in script and "eval(" not in script


@pytest.mark.parametrize("host", ["evil.example", "evil.example:{port}", "127.0.0.1.evil.example:{port}", "localhost.evil.example",
                                  "127.0.0.1@evil.example", "", "[::1", "127.0.0.1:", "127.0.0.1:80x", "192.168.7.7:{port}"])  # fmt: skip
def test_a_foreign_host_header_is_refused(web, host):
    server = web()
    given = host.format(port=server.port)
    status, headers, body = server.send(f"GET / HTTP/1.1\r\nHost: {given}\r\n\r\n")
    assert status == (200 if given == "127.0.0.1:" else 421), body
    status, _ = server.upgrade(host=given or " ", origin=f"http://{given}")
    assert status in (421, 101 if given == "127.0.0.1:" else 421)


def test_a_request_needs_one_host(web):
    server = web()
    assert server.send("GET / HTTP/1.1\r\n\r\n")[0] == 421
    assert server.send(f"GET / HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\nHost: evil.example\r\n\r\n")[0] == 421
    for host in ("localhost", "LOCALHOST", f"localhost:{server.port}", "[::1]", "127.0.0.1"):
        assert server.get(host=host)[0] == 200
    named = web("--host", "rings.example.org", "--host", "other.example")
    for host in ("rings.example.org", "Rings.Example.org:443", "other.example"):
        assert named.get(host=host)[0] == 200
    assert named.get(host="third.example")[0] == 421


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "http://127.0.0.1", "http://127.0.0.1:1", "http://localhost:{port}",
                                    "http://127.0.0.1:{port}.evil.example", "http://127.0.0.1:{port}/", "file://", "", None])  # fmt: skip
def test_a_foreign_origin_is_refused(web, origin):
    server = web()
    given = origin.format(port=server.port) if origin else origin
    assert server.upgrade(origin=given if given != "" else " ")[0] == 403
    assert server.upgrade()[0] == 101
    assert server.upgrade(origin=f"https://127.0.0.1:{server.port}")[0] == 101  # a proxy's


def test_beyond_this_machine_a_token_is_asked_for(web):
    server = web("--listen", "0.0.0.0")
    server.host = "127.0.0.1"
    assert server.token
    assert server.get("/")[0] == server.get("/page.js")[0] == server.upgrade()[0] == 403
    for wrong in ("", server.token[:-1], server.token + "0", "0" * 32):
        assert server.get(f"/?token={wrong}")[0] == 403
        assert server.upgrade(Cookie=f"ringbuf-token={wrong}")[0] == 403
        assert server.get("/", Authorization=f"Bearer {wrong}")[0] == 403
    assert server.get(f"/page.js?token={server.token}")[0] == 403  # only the first page takes it
    assert server.upgrade(f"/live?token={server.token}")[0] == 403
    status, headers, _ = server.get(f"/?token={server.token}")
    assert status == 303 and headers["location"] == "/"
    cookie = headers["set-cookie"]
    assert "HttpOnly" in cookie and "SameSite=Strict" in cookie
    cookie = cookie.split(";")[0]
    assert server.get("/", Cookie=cookie)[0] == server.get("/page.js", Cookie=f"a=b; {cookie}; c=d")[0] == 200
    assert server.upgrade(Cookie=cookie)[0] == 101
    assert server.upgrade(Cookie=cookie, origin="http://evil.example")[0] == 403
    assert server.get("/", host="evil.example", Cookie=cookie)[0] == 421
    assert server.get("/", host=f"10.1.2.3:{server.port}", Cookie=cookie)[0] == 200  # an address is nobody's name
    assert server.get("/", Authorization=f"Bearer {server.token}")[0] == 200


def test_a_token_on_this_machine_if_one_wants_it(web):
    servers = [web("--token"), web("--token")]
    assert servers[0].token != servers[1].token
    assert servers[0].get("/")[0] == 403 and servers[0].get(f"/?token={servers[0].token}")[0] == 303
    assert web().token is None


def test_it_is_bound_to_this_machine_alone(web):
    server = web()
    with open("/proc/net/tcp", encoding="ascii") as table:
        listening = [line.split()[1] for line in table if line.split()[3] == "0A"]
    assert f"0100007F:{server.port:04X}" in listening and f"00000000:{server.port:04X}" not in listening


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS", "TRACE", "CONNECT", "PATCH", "BREW"])
def test_only_get_and_head(web, method):
    server = web()
    status, headers, _ = server.get("/", method=method)
    assert status in (405, 400) and headers.get("allow", "GET, HEAD") == "GET, HEAD"
    assert server.get("/")[0] == 200


@pytest.mark.parametrize("request_bytes", [
    b"GET / HTTP/1.1\r\nHost: localhost\r\nX: " + b"x" * 9000 + b"\r\n\r\n",
    b"GET /" + b"x" * 20000 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: localhost\r\n" + b"X: y\r\n" * 3000 + b"\r\n",
    b"GET / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n\r\nhello",
    b"GET / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99999999999999999999\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n",
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(300),
    b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    b"GET / HTTP/9.9\r\n\r\n",
    b"\r\n\r\n\r\n\r\nGET\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: local\x00host\r\n\r\n",
    bytes(range(256)) * 40,
])  # fmt: skip
def test_requests_that_are_none(web, request_bytes):
    server = web()
    assert server.send(request_bytes)[0] in (0, 400, 413, 421, 431)
    assert server.get("/")[0] == 200


def test_paths_lead_nowhere(web):
    server = web()
    for target in ("/../etc/passwd", "/..%2f..%2fetc/passwd", "//etc/passwd", "/page.js/", "/live", "/%00", "/index.html/..", "*", "http://x/"):
        assert server.get(target)[0] in (400, 404), target
    assert server.get("/?x=1")[0] == 303


def test_no_more_clients_than_allowed(web):
    server = web("--clients", 3)
    viewers = [server.live() for _ in range(3)]
    assert server.upgrade()[0] == 503
    assert server.get("/")[0] == 200
    viewers.pop().connection.close()
    while (answer := server.upgrade())[0] == 503:
        pass
    assert answer[0] == 101


def test_connections_that_say_nothing_do_not_keep_others_out(web):
    server = web()
    idle = [server.connect() for _ in range(20)]
    assert server.get("/")[0] == 200
    for each in idle:
        each.close()


@pytest.mark.parametrize("text", ["", "no JSON", "[]", "{}", '{"op": "list"}', '{"id": -1}', '{"id": "1"}', "{" * 5000, "\x00", '{"id": 1.5}'])
def test_what_is_no_request_ends_the_connection(web, text):
    server = web()
    viewer = server.live()
    viewer.send(text)
    opcode, data = viewer.receive()
    assert opcode == 8 and int.from_bytes(data[:2], "big") == 1008
    assert server.live().ask("list", after=0)["number"] > 0


def test_frames_that_are_none_end_the_connection(web):
    server = web()
    for break_it in (
        lambda each: each.send(b"x" * 20000),  # longer than any request
        lambda each: each.send(b"\xff\xfe", opcode=1),  # no UTF-8
        lambda each: each.send(b"{}", opcode=2),
        lambda each: each.connection.sendall(b"\x81\x05hello"),  # not masked
        lambda each: each.connection.sendall(b"\xf1\x80mask"),  # reserved bits
        lambda each: each.connection.sendall(b"\x81\xff\x7f\xff\xff\xff\xff\xff\xff\xffmask"),  # 2^63 bytes
    ):
        viewer = server.live()
        break_it(viewer)
        try:
            while viewer.receive()[0] != 8:
                pass
        except (EOFError, ConnectionResetError):
            pass
    assert server.get("/")[0] == 200


@pytest.mark.parametrize("request_fields", [
    {"op": "nothing"}, {"op": 7}, {}, {"op": "info", "ring": 5},
    {"op": "columns", "width": 3}, {"op": "columns", "width": 0}, {"op": "columns", "width": -1}, {"op": "columns", "width": 2**60},
    {"op": "columns", "channels": [9]}, {"op": "columns", "channels": [-1]}, {"op": "columns", "channels": [0] * 2000},
    {"op": "columns", "channels": "0"}, {"op": "columns", "channels": [0.5]}, {"op": "columns", "channels": [2**70]},
    {"op": "columns", "from": 1e300}, {"op": "columns", "to": None}, {"op": "columns", "from": "0"},
    {"op": "pieces", "length": 2**20, "step": 0, "count": 2**20, "start": 0}, {"op": "pieces", "length": 0, "step": 0, "count": 1, "start": 0},
    {"op": "pieces", "length": 10, "step": -5, "count": 1, "start": 0},
    {"op": "raw", "start": 0, "count": 2**31}, {"op": "raw", "start": -1, "count": 1}, {"op": "raw", "start": 0, "count": 0},
    {"op": "times", "start": 0, "end": 10, "count": 10**6}, {"op": "index", "times": [0] * 100}, {"op": "index", "times": 5},
    {"op": "list", "after": -1}, {"op": "messages", "from": 0, "after": 0},
])  # fmt: skip
def test_requests_that_cannot_be_are_told_so(web, name, request_fields):
    server = web()
    with Writer(name, capacity=1000) as writer:
        writer.put(np.zeros(10, np.float32))
        viewer = server.live()
        whole = {"ring": name, "width": 1, "from": 0, "to": 10, "channels": [0], "after": -1, **request_fields}
        viewer.send(json.dumps({"id": 5, **whole}))
        reply = viewer.reply(5)
        assert reply["error"], reply
        assert viewer.settled(name, 0, 10)["count"] == 10


@pytest.mark.parametrize("ring", ["", "../../etc/passwd", "/etc/passwd", ".hidden", "a" * 5000, "<img src=x onerror=alert(1)>", "a\nb", "\x00", "ä"])
def test_hostile_names_of_rings(web, ring):
    viewer = web().live()
    assert viewer.ask("info", ring=ring)["error"]
    assert viewer.ask("columns", ring=ring)["error"]


def test_extreme_indices_do_no_harm(web, name):
    with Writer(name, capacity=1000, first_index=2**62) as writer:
        writer.put(np.zeros(10, np.float32))
        viewer = web().live()
        most = 2**53
        for start, end in ((-most, most), (most, most), (most, -most), (-most, -most), (0, most)):
            reply = viewer.columns(name, start, end, width=2**40)
            assert reply["count"] <= 1
            assert viewer.columns(name, start, end)["count"] <= 10
        assert viewer.ask("pieces", ring=name, start=most, length=4, step=0, count=1, channels=[0])["count"] == 1
        assert viewer.ask("index", ring=name, times=[-1, 0, 1e300])["indices"]


def test_no_more_rings_at_once_than_allowed(web, names):
    viewer = web().live()
    writers = [Writer(names(), capacity=10) for _ in range(17)]
    try:
        replies = [viewer.ask("info", ring=writer.name) for writer in writers]
        assert all("info" in reply for reply in replies[:16]) and "16 rings" in replies[16]["error"]
    finally:
        for writer in writers:
            writer.close()


def test_it_holds_nobody_back(web, name):
    """It is an observer: a lossless ring has no reader."""
    with Writer(name, capacity=100, lossless=True) as writer:
        viewer = web().live()
        viewer.ask("info", ring=name)
        for _ in range(10):
            writer.put(np.zeros(100, np.float32))
        assert viewer.ask("info", ring=name)["info"]["readers"] == 0


def test_bad_options_are_told(name):
    assert "--port" in tool("web", "--port", 70000, status=USAGE)[1]
    assert "--listen" in tool("web", "--listen", "no address", status=USAGE)[1]
    assert name in tool("web", name, status=NOT_FOUND)[1]
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert f"port {port}" in tool("web", "--port", port, status=ERROR)[1]
