#!/usr/bin/env node
// usage: shots.mjs [DIRECTORY]
//
// Makes the pictures of docs/web.md, of signals that are generated here: web-list.png, web-curves.png, web-spectrogram.png. Takes a
// build of the command and of `ringbuf web`, and Debian's python3-pil.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { clean_up, drawn, end, open, python, ringbuf, Server, source } from './support.mjs';

const directory = process.argv[2] ?? join(source, 'docs');
const rings = ['bridge', 'chirp', 'events', 'old'];
const writers = `
import math, random, signal, time
from ringbuf import Reader, Writer
random.seed(7)
names = ["north", "middle", "south"]
bridge = Writer("bridge", capacity=60000, sample_rate=1000, channels=3,
                metadata={"kind": "accelerometer", "channels": [{"name": each, "unit": "m/s2"} for each in names]})
chirp = Writer("chirp", capacity=160000, sample_rate=8000, metadata={"channels": [{"name": "probe", "unit": "V"}]})
events = Writer("events", capacity=65536, messages=True, metadata={"beside": "bridge"})
reader = Reader("bridge")
hits = {4000: "truck", 7300: "truck", 11200: "train", 15800: "truck", 19000: "bus"}
i, phase, begin = 0, 0.0, time.monotonic()
print("there", flush=True)
while True:
    samples = []
    while i < (time.monotonic() - begin) * 1000:
        swing = sum(math.exp(-(i - at) / 700) * math.sin((i - at) / 18) for at in hits if at <= i < at + 6000)
        samples.append([swing * each + random.gauss(0, 0.02) for each in (0.5, 1.0, 0.7)])
        if i in hits:
            events.send(hits[i].encode(), kind=1, tag=i)
        i += 1
        if len(samples) == 1000:
            break
    bridge.put(samples)
    tone = []
    for k in range(8 * len(samples)):
        t = ((8 * (i - len(samples)) + k) / 8000) % 8
        phase += 2 * math.pi * (200 + 3200 * (0.5 - 0.5 * math.cos(t * math.pi / 4))) / 8000
        tone.append(0.5 * math.sin(phase) + 0.1 * math.sin(3 * phase) * (t < 4) + random.gauss(0, 0.01))
    chirp.put(tone)
    while reader.usage > 2000:
        reader.pop_many(1000)
    if len(samples) < 1000:
        time.sleep(0.01)
`;

// Fewer colours, so that a picture has less than 100 kB.
function shrink(file) {
  const lines = `
import sys
from PIL import Image
image = Image.open(sys.argv[1]).convert("RGB")
image.quantize(24, dither=Image.Dither.NONE).save(sys.argv[1], optimize=True)
`;
  spawnSync('/usr/bin/python3', ['-c', lines, file], { stdio: 'ignore' });
}

try {
  const writer = await python(writers);
  const dead = await python('from ringbuf import Writer\nimport time\nw = Writer("old", capacity=1000, sample_rate=250)\nw.put([0.0] * 100)\nprint("there", flush=True)\ntime.sleep(1000)\n');
  await end(dead);
  const server = await Server.begin();
  await ringbuf(['wait', 'bridge', '--index', '22000', '--timeout', '100s']);
  const take = async (page, name, options) => {
    const file = join(directory, `${name}.png`);
    await page.screenshot({ path: file, ...options });
    shrink(file);
  };
  const list = await open(server.url, { viewport: { width: 1000, height: 260 } });
  await list.evaluate((ours) => {
    const { view } = globalThis.ringbuf;
    const show = view.show.bind(view);
    view.show = (all) => show(all.filter((each) => ours.includes(each.name)));
  }, rings);
  await list.locator('tr.state-live').first().waitFor();
  await list.waitForFunction(() => [...document.querySelectorAll('tr.state-live td:nth-child(5)')].some((each) => /^[1-9]/.test(each.innerText)));
  await take(list, 'web-list');
  const curves = await open(`${server.url}#ring=bridge&with=events&span=20000`, { viewport: { width: 1000, height: 800 } });
  await drawn(curves);
  await curves.waitForFunction(() => ringbuf.view.messages[0]?.list.length > 2 && ringbuf.view.overview.ready);
  await curves.keyboard.press(' ');
  await curves.mouse.move(560, 300);
  await curves.locator('#cursor', { hasText: 'cursor at index' }).waitFor();
  await take(curves, 'web-curves');
  const heat = await open(`${server.url}#ring=chirp&span=120000&spectrogram=1`, { viewport: { width: 1000, height: 880 } });
  await drawn(heat);
  await heat.waitForFunction(() => ringbuf.view.spectrogram?.powers?.filter(Boolean).length > 250);
  await take(heat, 'web-spectrogram');
  await end(writer);
} finally {
  await clean_up();
  for (const name of rings) spawnSync('rm', ['-f', `/dev/shm/${name}`]);
}
