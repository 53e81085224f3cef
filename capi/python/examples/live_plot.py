#!/usr/bin/env python3
"""Plots a live signal to a PNG file: one process measures, this one looks at its latest samples and draws them.

    python3 live_plot.py --output live.png --frames 10
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import time
from pathlib import Path

import matplotlib

matplotlib.use("Agg")  # no screen needed

import matplotlib.pyplot as plt  # noqa: E402 - after the choice above
import numpy as np  # noqa: E402

import ringbuf  # noqa: E402

RATE = 1000.0  # samples per second
BLOCK = 50  # samples put at a time


def measure(name: str, seconds: float, ready: "multiprocessing.synchronize.Event") -> None:
    """Stands for an instrument: two channels, a block of samples every 50 ms."""
    metadata = {"channels": [{"name": "wobble", "unit": "mV"}, {"name": "pulse", "unit": "mV"}]}
    window = int(seconds * RATE)
    with ringbuf.Writer(
        name, capacity=10 * window, window=window, channels=2, sample_rate=RATE, metadata=metadata
    ) as writer:
        ready.set()
        noise = np.random.default_rng(1)
        start = time.monotonic()
        while True:
            t = (writer.written + np.arange(BLOCK)) / RATE
            block = np.stack([np.sin(2 * np.pi * (3 + np.sin(t)) * t), np.exp(-((t % 0.8 - 0.4) ** 2) / 0.002)], axis=1)
            writer.put(block + 0.05 * noise.standard_normal(block.shape))
            time.sleep(max(0.0, start + writer.written / RATE - time.monotonic()))


def draw(reader: ringbuf.Reader, seconds: float, output: Path) -> bool:
    """The last seconds as they are now; False if the writer came round while we drew."""
    window = reader.latest(int(seconds * reader.sample_rate))  # in the ring itself: nothing is copied
    t = (reader.start + np.arange(len(window))) / reader.sample_rate
    figure, axes = plt.subplots(reader.channels, sharex=True, figsize=(8, 4.5), layout="constrained")
    for axis, samples, channel in zip(axes, window.T, reader.metadata["channels"]):
        axis.plot(t, samples * channel.get("scale", 1) + channel.get("offset", 0), linewidth=0.8)
        axis.set_ylabel(f"{channel['name']} / {channel['unit']}")
        axis.set_ylim(-1.5, 1.5)
    axes[-1].set_xlabel("time / s")
    axes[-1].set_xlim(t[0], t[-1])
    whole = reader.validate()
    if whole:
        part = output.with_name(output.name + ".part")  # whoever looks at the file sees whole pictures only
        figure.savefig(part, format="png", dpi=100)
        os.replace(part, output)
    plt.close(figure)
    return whole


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--output", type=Path, default=Path("live.png"), help="the file to draw to (live.png)")
    parser.add_argument("--frames", type=int, default=10, help="how often (10)")
    parser.add_argument("--seconds", type=float, default=2.0, help="how much of the signal (2)")
    options = parser.parse_args()

    name = f"live_plot-{os.getpid()}"
    ready = multiprocessing.Event()
    instrument = multiprocessing.Process(target=measure, args=(name, options.seconds, ready), daemon=True)
    instrument.start()
    try:
        while not ready.wait(0.1):
            if not instrument.is_alive():
                raise SystemExit("the instrument does not start")
        with ringbuf.Reader(name) as reader:
            reader.wait(int(options.seconds * RATE))
            frames = 0
            while frames < options.frames:
                seen = reader.written
                frames += draw(reader, options.seconds, options.output)
                reader.wait(seen + BLOCK)
            print(f"{frames} frames, the last one up to sample {seen}: {options.output}")
    finally:
        instrument.terminate()
        instrument.join()
        if name in dict(ringbuf.rings()):
            ringbuf.unlink(name)  # terminated, it could not do so itself


if __name__ == "__main__":
    main()
