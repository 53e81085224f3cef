"""Brokers, connections, pushers and pullers that break at any moment: the copy has the bytes of its origin at every index, no entry
of the stream twice, and no gap that the origin does not have."""

import os
import subprocess
import time

import pytest
import ringbuf
from conftest import OK, tool_json
from origins import ENDLESS, Feeder, check, origin, put, wait_for_index, written
from servers import Server, wait_until

WAIT = ("--wait", "1h")
KILLS = int(os.environ.get("RINGBUF_KILLS") or 12)


def whole(writer, there, *processes, first=0):
    """All has arrived, with the origin's gaps and no others."""
    wait_for_index(there, writer.written, *processes)
    found = check(there, gaps=writer.gaps(), first=first, written=writer.written, oldest=writer.info().oldest)
    print(f"{found} samples, {len(writer.gaps())} gaps")


def once(server, stream):
    """Each sample is in the stream once: what was told of entries that came again was told by the broker, not stored."""
    (state,) = tool_json("nats", "status", stream, "--json", "--server", server.url)
    assert all(pull["duplicates"] == 0 for pull in state["pull"]), state
    return state


def test_the_broker_is_killed(server, nats, names, rng):
    here, there = names(), names()
    with origin(here, capacity=ENDLESS) as writer:
        push = nats(server, "push", here)
        pull = nats(server, "pull", here, there, *WAIT)
        wait_until(lambda: written(there) == 0)
        with Feeder(writer, rng):
            for _ in range(3):
                before = writer.written
                wait_for_index(there, before + 5000, push, pull)
                server.kill()
                wait_for_index(here, writer.written + 5000, push, pull)
                server.start()
        whole(writer, there, push, pull)
        once(server, here)
    assert push.wait() == OK and pull.wait() == OK


def test_the_broker_is_away_for_a_while(server, nats, names, rng):
    """A few seconds, or RINGBUF_AWAY of them: it costs nothing but lag."""
    here, there = names(), names()
    with origin(here, capacity=ENDLESS, rate=20_000) as writer:
        push = nats(server, "push", here)
        pull = nats(server, "pull", here, there, *WAIT)
        put(writer, 1000)
        wait_for_index(there, 1000, push, pull)
        with Feeder(writer, rng, pause=0.01, most=300):
            server.kill()
            end = time.monotonic() + float(os.environ.get("RINGBUF_AWAY") or 3)
            wait_until(lambda: time.monotonic() > end)  # the length of that time is what is tried
            server.start()
            wait_for_index(there, writer.written, push, pull)
        whole(writer, there, push, pull)
    assert push.wait() == OK and pull.wait() == OK


@pytest.mark.parametrize("lossless", [False, True])
def test_push_and_pull_are_killed(lossless, server, nats, names, rng):
    """Half of RINGBUF_KILLS in each kind of ring; now and then the server, too."""
    here, there = names(), names()
    with origin(here, capacity=ENDLESS, lossless=lossless) as writer:
        put(writer, 1)
        running = {"push": nats(server, "push", here), "pull": nats(server, "pull", here, there, *WAIT)}
        wait_for_index(there, 1, *running.values())
        begin = {"push": lambda: nats(server, "push", here, *WAIT), "pull": lambda: nats(server, "pull", here, there, *WAIT)}
        with Feeder(writer, rng):
            for _ in range((KILLS + 1) // 2):
                end = time.monotonic() + rng.choice([0.02, 0.2, 0.7]) * rng.random()
                wait_until(lambda: time.monotonic() > end)  # a moment that nothing else determines
                if rng.random() < 0.15:
                    server.restart()
                for role in rng.choice([["push"], ["pull"], ["push", "pull"]]):
                    running[role].kill()
                    running[role].wait()
                    running[role] = begin[role]()
                wait_for_index(there, written(there) + 1, *running.values())
        whole(writer, there, *running.values())
        once(server, here)
    assert [process.wait() for process in running.values()] == [OK, OK]


def test_the_connection_is_cut(server, proxy, nats, names, rng):
    here, there = names(), names()
    with origin(here, capacity=ENDLESS) as writer:
        push = nats(proxy, "push", here)
        pull = nats(proxy, "pull", here, there, *WAIT)
        wait_until(lambda: written(there) == 0)
        with Feeder(writer, rng):
            for _ in range(10):
                wait_for_index(there, written(there) + rng.randrange(1, 3000), push, pull)
                proxy.cut()
        whole(writer, there, push, pull)
        once(server, here)
    assert push.wait() == OK and pull.wait() == OK


def test_the_connection_is_slow(server, proxy, nats, names, rng):
    """Slower than the origin for a while: lag grows, and is made up for later."""
    here, there = names(), names()
    with origin(here, capacity=ENDLESS) as writer:
        push = nats(proxy, "push", here, "--block", 16_000)
        pull = nats(server, "pull", here, there, *WAIT)
        wait_until(lambda: written(there) == 0)
        proxy.rate = 500_000
        with Feeder(writer, rng, most=2000):
            wait_until(lambda: writer.written - written(there) > 50_000)
        proxy.rate = None
        whole(writer, there, push, pull)
        once(server, here)
    assert push.wait() == OK and pull.wait() == OK


def test_nothing_comes_through(server, proxy, nats, names):
    """The connection stands, and is silent: the pusher's patience ends, and it asks again."""
    here, there = names(), names()
    with origin(here, capacity=ENDLESS) as writer:
        push = nats(proxy, "push", here, "--patience", "200ms", stderr=subprocess.PIPE, text=True)
        pull = nats(server, "pull", here, there, *WAIT)
        put(writer, 1000)
        wait_for_index(there, 1000, push, pull)
        proxy.blackhole = True
        put(writer, 1000)
        line = push.stderr.readline()
        assert "no answer for 200 ms" in line, line
        proxy.blackhole = False
        proxy.cut()
        whole(writer, there, push, pull)
        once(server, here)
    assert push.wait() == OK and pull.wait() == OK


def test_several_hops_and_several_pullers(tmp_path, server, nats, names, rng):
    """A ring that was pulled is pushed on; two pull one stream. The origin stays the first one."""
    first, second, third, other = names(), names(), names(), names()
    with Server(tmp_path / "far") as far:
        with origin(first, capacity=ENDLESS) as writer:
            processes = [nats(server, "push", first), nats(server, "pull", first, second, *WAIT),
                         nats(server, "pull", first, other, *WAIT)]
            wait_until(lambda: written(second) == 0)
            processes += [nats(far, "push", second), nats(far, "pull", second, third, *WAIT)]
            with Feeder(writer, rng):
                wait_for_index(third, 20_000, *processes)
            for there in second, third, other:
                whole(writer, there, *processes)
            with ringbuf.Reader(third, observer=True) as reader:
                assert reader.metadata["relay"]["ring"] == first and reader.metadata["relay"]["stream"] == second
        assert [process.wait() for process in processes] == [OK] * 5


def test_the_leader_of_three_is_killed(cluster, nats, names, rng):
    """An election takes 4 to 16 s."""
    here, there = names(), names()
    with origin(here, capacity=ENDLESS) as writer:
        put(writer, 1000)
        push = nats(cluster, "push", here, "--replicas", 3, *WAIT)
        pull = nats(cluster, "pull", here, there, *WAIT)
        wait_for_index(there, 1000, push, pull)
        with Feeder(writer, rng):
            wait_for_index(there, 20_000, push, pull)
            leader = tool_json("nats", "status", here, "--json", "--server", cluster.url)[0]["leader"]
            (killed,) = [each for each in cluster.servers if leader in each.words]
            killed.kill()
            before = written(there)
            wait_for_index(there, before + 20_000, push, pull)
            killed.start()
            wait_for_index(there, before + 40_000, push, pull)
        whole(writer, there, push, pull)
        once(cluster, here)
    assert push.wait() == OK and pull.wait() == OK
