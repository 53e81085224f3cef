"""Users, passwords and TLS: who may, and what is said of who may not. No secret is on a command line."""

import os
import subprocess

import pytest
from conftest import ERROR, OK, USAGE, run_node, takes_node, tool
from origins import check, origin, put, wait_for_index
from servers import Server


def relay(server, names, nats, *words, env=None):
    """A ring goes there and back."""
    here, there = names(), names()
    with origin(here) as writer:
        put(writer, 1000)
        push = nats(server, "push", here, *words, env=env)
        pull = nats(server, "pull", here, there, "--wait", "1h", *words, env=env)
        wait_for_index(there, 1000, push, pull)
        check(there, written=1000)
    assert push.wait() == OK and pull.wait() == OK


def test_user_and_password(tmp_path, names, nats):
    configuration = tmp_path / "nats.conf"
    configuration.write_text('authorization { user: "recorder", password: "s3cret" }\n')
    env = {**os.environ, "RINGBUF_NATS_USER": "recorder", "RINGBUF_NATS_PASSWORD": "s3cret"}
    with Server(tmp_path / "server", "-c", configuration) as server:
        relay(server, names, nats, env=env)
        for wrong in ({}, {"RINGBUF_NATS_USER": "recorder", "RINGBUF_NATS_PASSWORD": "guess"}):
            said = tool("nats", "list", "--server", server.url, status=ERROR, env={**os.environ, **wrong})[1]
            assert "RINGBUF_NATS_USER" in said and "s3cret" not in said, said
        assert tool("nats", "list", "--server", server.url, env=env)[0].startswith("STREAM")


@pytest.fixture
def certificates(tmp_path):
    """One that vouches for others, and those of a server and of a client."""

    def openssl(*words):
        subprocess.run(["openssl", *map(str, words)], cwd=tmp_path, check=True, capture_output=True)

    curve = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")
    openssl("req", "-x509", *curve, "-keyout", "ca.key", "-out", "ca.pem", "-days", 2, "-subj", "/CN=ringbuf test")
    for who in ("server", "client"):
        openssl("req", *curve, "-keyout", f"{who}.key", "-out", f"{who}.csr", "-subj", f"/CN={who}")
        (tmp_path / f"{who}.ext").write_text("subjectAltName=IP:127.0.0.1,DNS:localhost\n")
        openssl("x509", "-req", "-in", f"{who}.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-out", f"{who}.pem",
                "-days", 2, "-extfile", f"{who}.ext")
    return tmp_path


def test_tls(certificates, names, nats):
    at = certificates
    words = ("--tlscert", at / "server.pem", "--tlskey", at / "server.key", "--tlscacert", at / "ca.pem", "--tlsverify")
    client = ("--tls-ca", at / "ca.pem", "--tls-cert", at / "client.pem", "--tls-key", at / "client.key")
    with Server(at / "server", *words) as server:
        relay(server, names, nats, *client)
        assert tool("nats", "list", "--server", server.url.replace("nats:", "tls:"), *client)[0].startswith("STREAM")
        # Nobody vouches for the server; we have no certificate of our own; no encryption.
        for wrong in (("--tls", *client[2:]), client[:2], ()):
            assert server.url in tool("nats", "list", "--server", server.url, *wrong, status=ERROR)[1]
        assert "--tls-ca" in tool("nats", "list", "--server", server.url, "--tls-ca", at / "nothing.pem", status=USAGE)[1]


@takes_node
def test_a_file_of_credentials(tmp_path, names, nats):
    run_node("credentials.js", tmp_path)
    with Server(tmp_path / "server", "-c", tmp_path / "nats.conf") as server:
        relay(server, names, nats, "--creds", tmp_path / "user.creds")
        for wrong in (("--creds", tmp_path / "stranger.creds"), ()):
            said = tool("nats", "list", "--server", server.url, *wrong, status=ERROR)[1]
            assert "--creds" in said and "SEED" not in said, said


def test_a_file_of_credentials_that_is_not_there(server, tmp_path):
    assert "creds" in tool("nats", "list", "--server", server.url, "--creds", tmp_path / "nothing.creds", status=ERROR)[1]
