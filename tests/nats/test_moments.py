"""What happens between any two questions that push or pull asks of the broker: every such moment, one after another."""

import contextlib
import itertools

import pytest
import ringbuf
from conftest import OK
from origins import check, origin, put, wait_for_index
from servers import Proxy, wait_until


class Moment:
    """Calls a function before that request of those that pass a proxy from now on. `over`: it has done so, or the last request,
    which contains `last`, has come."""

    def __init__(self, proxy, number, act, last):
        self.left, self.act, self.last = number, act, last
        self.came = self.over = False
        proxy.on_request = self.request

    def request(self, data):
        self.left -= 1
        if self.left == 0:
            self.act()
            self.came = True
        self.over = self.over or self.came or self.last in data


def moments(proxy, act, last):
    """For the first request, for the second, and so on until the last one. What is begun for one ends before the next."""
    number, came = 1, True
    while came:
        moment = Moment(proxy, number, act, last)
        yield moment
        came = moment.came
        number += 1
    proxy.on_request = None
    print(number - 2, "requests")
    assert number > 5


def killed(*processes):
    for process in processes:
        process.kill()
        process.wait()


@pytest.mark.parametrize("resumes", [False, True])
def test_samples_are_stored_while_pull_begins(resumes, server, proxy, nats, names):
    """They are the last ones: nothing comes later that shows pull what it has missed."""
    here, watched, there = names(), names(), names()
    with origin(here) as writer:
        push = nats(server, "push", here)
        watcher = nats(server, "pull", here, watched, "--wait", "1h")
        put(writer, 100)
        wait_for_index(watched, 100, push, watcher)

        def store():
            put(writer, 100)
            wait_for_index(watched, writer.written, push, watcher)

        for moment in moments(proxy, store, b"CONSUMER.CREATE"):
            there = there if resumes else names()
            pull = nats(proxy, "pull", here, there)
            wait_until(lambda: moment.over or pull.poll() is not None)
            wait_for_index(there, writer.written, push, pull)
            check(there, first=0, written=writer.written, gaps=[])
            killed(pull)
            if not resumes:
                ringbuf.unlink(there)
        if resumes:
            ringbuf.unlink(there)
    assert push.wait() == OK and watcher.wait() == OK


@pytest.mark.parametrize("role", ["push", "pull"])
@pytest.mark.parametrize("resumes", [False, True])
def test_the_connection_is_cut_while_they_begin(role, resumes, server, nats, names):
    """Each moment has a stream of its own, so that all of them come at once."""
    here = names()
    streams = [(names(), names()) for _ in range(20)]

    def begin(stream, there, push_to=server, pull_to=server):
        return [nats(push_to, "push", here, "--stream", stream, "--wait", "1h"),
                nats(pull_to, "pull", stream, there, "--wait", "1h")]

    def all_there(running):
        for (_, there), processes in zip(streams, running):
            wait_for_index(there, writer.written, *processes)
            check(there, first=0, written=writer.written, gaps=[])

    with origin(here) as writer, contextlib.ExitStack() as stack:
        put(writer, 100)
        if resumes:
            running = [begin(*each) for each in streams]
            all_there(running)
            killed(*itertools.chain(*running))
        proxies = [stack.enter_context(Proxy(server.port)) for _ in streams]
        last = {"push": b"PUB ringbuf.", "pull": b"CONSUMER.CREATE"}[role]
        found = [Moment(proxy, number, proxy.cut, last) for number, proxy in enumerate(proxies, 1)]
        running = [begin(*each, **{f"{role}_to": proxy}) for each, proxy in zip(streams, proxies)]
        for moment, processes in zip(found, running):
            wait_until(lambda: moment.over or any(each.poll() is not None for each in processes))
        put(writer, 10)
        all_there(running)
        killed(*itertools.chain(*running))
    for _, there in streams:
        ringbuf.unlink(there)
    came = [moment.came for moment in found]
    assert came == sorted(came, reverse=True) and came[2] and not came[-1], came
