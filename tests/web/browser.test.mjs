// `ringbuf web` in a real browser: Debian's chromium, driven by playwright-core.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, afterEach, test } from 'node:test';
import { after_each, clean_up, drawn, end, gen, keep, open, python, ring_name, ringbuf, Server } from './support.mjs';

afterEach(after_each);
after(clean_up);

const text_of = (page, selector) => page.locator(selector).innerText();

test('the list shows rings that come, live and die', async () => {
  const name = ring_name();
  const server = await Server.begin();
  const page = await open(server.url);
  await page.locator('#link[data-state=connected]').waitFor();
  const row = page.locator('tr', { has: page.getByRole('link', { name, exact: true }) });
  assert.equal(await row.count(), 0);
  const writer = await gen(name, '--rate', '1000', '--channels', '3');
  await row.locator('.state', { hasText: 'live' }).waitFor();
  assert.match(await row.innerText(), /float32 x 3/);
  await end(writer);
  await row.locator('.state', { hasText: 'DEAD' }).waitFor();
  await ringbuf(['rm', name]);
  await row.waitFor({ state: 'detached' });
  assert.deepEqual(page.complaints, []);
});

test('a sine of 7 Hz is one of 7 Hz: in the data, by the spectrum, and by pixels', async () => {
  const name = ring_name();
  const server = await Server.begin();
  await gen(name, '--rate', '2000', '--frequency', '7', '--amplitude', '0.5');
  const page = await open(`${server.url}#ring=${name}&span=2000&spectrum=1`);
  await ringbuf(['wait', name, '--index', '4000', '--timeout', '100s']);
  await page.waitForFunction(() => ringbuf.view.main?.written > 4000);
  await drawn(page);
  await page.getByRole('button', { name: /^pause/ }).click();
  await drawn(page);
  // How often the curve crosses zero upwards within a second.
  const crossings = await page.evaluate(() => {
    const { main, span, end } = ringbuf.view;
    let count = 0;
    let before = null;
    for (let index = Math.ceil(end - span); index < end; index += main.width) {
      const pair = main.at(index)[0];
      if (!pair) return `nothing at ${index}`;
      const middle = (pair[0] + pair[1]) / 2;
      if (before !== null && before < 0 && middle >= 0) count++;
      before = middle;
    }
    return count;
  });
  assert.ok(crossings === 7 || crossings === 6 || crossings === 8, `${crossings} crossings`);
  await page.waitForFunction(() => Math.abs(ringbuf.view.spectrum?.peak - 7) < 0.2);
  // The canvas: runs of columns whose curve lies in the upper quarter.
  const humps = await page.evaluate(() => {
    const { plot } = ringbuf.view.main.curves;
    const { left, top, width, height } = plot.bbox;
    const image = plot.ctx.getImageData(left, top, width, height);
    const wanted = getComputedStyle(document.documentElement).getPropertyValue('--curve0').trim();
    const [red, green, blue] = [1, 3, 5].map((at) => Number.parseInt(wanted.slice(at, at + 2), 16));
    let count = 0;
    let last = -100;
    for (let x = 0; x < image.width; x++) {
      let high = false;
      for (let y = 0; y < image.height / 4; y++) {
        const at = 4 * (y * image.width + x);
        high ||= image.data[at + 3] > 100 && Math.abs(image.data[at] - red) + Math.abs(image.data[at + 1] - green) + Math.abs(image.data[at + 2] - blue) < 60;
      }
      if (high && x - last > 20) count++; // a hump has no gap as wide as a trough
      if (high) last = x;
    }
    return count;
  });
  assert.ok(humps >= 6 && humps <= 8, `${humps} humps`);
  assert.deepEqual(page.complaints, []);
});

test('a spike of one sample shows in the overview', async () => {
  const name = ring_name();
  const samples = new Float32Array(3_000_000);
  samples[1_234_567] = 5;
  await keep(name, samples, ['--rate', '1000', '--capacity', '3000000']);
  const server = await Server.begin();
  const page = await open(`${server.url}#ring=${name}`);
  await drawn(page);
  await page.waitForFunction(() => ringbuf.view.overview.ready);
  const spike = await page.evaluate(() => {
    const { store, reply } = ringbuf.view.overview;
    const high = [];
    for (let column = 0; column < reply.start + reply.count; column++) if (store.most[0][store.at(column)] > 0) high.push(column);
    return { high, width: store.width };
  });
  assert.deepEqual(spike.high, [Math.floor(1_234_567 / spike.width)]);
  // ... and is drawn there.
  const [x, pixels] = await page.evaluate(() => {
    const { canvas } = ringbuf.view.overview;
    const image = canvas.getContext('2d').getImageData(0, 8, canvas.width, 8);
    for (let at = 40; at < canvas.width - 40; at++) if (image.data[4 * at + 3] > 100) return [at, canvas.width];
    return [-1, canvas.width];
  });
  assert.ok(Math.abs(x / pixels - 1_234_567 / 3_000_000) < 0.01, `drawn at ${x} of ${pixels}`);
  assert.deepEqual(page.complaints, []);
});

test('pause holds while the ring goes on', async () => {
  const name = ring_name();
  const server = await Server.begin();
  await gen(name, '--rate', '1000', '--capacity', '60s');
  const page = await open(`${server.url}#ring=${name}`);
  await drawn(page);
  await page.keyboard.press(' ');
  const before = await page.evaluate(() => ({ range: ringbuf.view.main.range, written: ringbuf.view.main.written }));
  await page.waitForFunction((written) => ringbuf.view.main.written > written + 500, before.written);
  const now = await page.evaluate(() => ({ range: ringbuf.view.main.range, end: ringbuf.view.end }));
  assert.ok(Math.abs(now.end - before.range.end) < 100, `${now.end} after ${before.range.end}`);
  const later = await page.evaluate(() => ringbuf.view.end);
  assert.equal(later, now.end);
  await page.keyboard.press('End');
  await page.waitForFunction((end) => ringbuf.view.end > end + 500, later);
  assert.deepEqual(page.complaints, []);
});

test('a writer that is killed and resumed is shown so', async () => {
  const name = ring_name();
  const server = await Server.begin();
  const write = (make) => python(`
import time
from ringbuf import Writer
writer = ${make}
print("there", flush=True)
while True:
    writer.put([0.5] * 100)
    time.sleep(0.05)
`);
  const first = await write(`Writer("${name}", capacity=100000, sample_rate=2000)`);
  const page = await open(`${server.url}#ring=${name}`);
  await drawn(page);
  await end(first);
  await page.locator('.panel .bad', { hasText: 'DEAD' }).waitFor();
  const written = await page.evaluate(() => ringbuf.view.main.written);
  await write(`Writer.resume("${name}")`);
  await page.locator('.panel h2', { hasText: 'live' }).waitFor();
  await page.waitForFunction((before) => ringbuf.view.main.written > before + 1000, written);
  assert.deepEqual(page.complaints, []);
});

test('30 minutes of history: a zoom is drawn from what the server keeps', async (context) => {
  const name = ring_name();
  const rate = 2000;
  const seconds = 30 * 60;
  await ringbuf(['gen', name, '--rate', String(rate), '--channels', '8', '--frequency', '7', '--capacity', `${seconds}s`, '--duration',
    `${seconds}s`, '--as-fast-as-possible', '--keep']);
  const server = await Server.begin();
  const page = await open(`${server.url}#ring=${name}&span=${rate * seconds}`);
  await drawn(page);
  await page.waitForFunction(() => !ringbuf.view.main.filling && ringbuf.view.overview.ready);
  const times = await page.evaluate(async () => {
    const { view } = ringbuf;
    const taken = [];
    view.set_follow(false);
    const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));
    for (let i = 0; i < 12; i++) {
      const begin = performance.now();
      view.zoom(0.4, 0.3);
      do await frame();
      while (view.main.wanted()[0] < view.main.wanted()[1] || view.main.dirty);
      taken.push(performance.now() - begin);
    }
    return taken;
  });
  context.diagnostic(`zooms took ${times.map((each) => each.toFixed(0)).join(', ')} ms`);
  assert.ok(await page.evaluate(() => ringbuf.view.main.width < 64 && ringbuf.view.main.curves.data[1].every((each) => each !== null)));
  assert.deepEqual(page.complaints, []);
});

test('names, units and messages that are markup are text', async () => {
  const [name, events] = [ring_name(), ring_name()];
  const markup = '<img src=x onerror="globalThis.harmed=1"><script>globalThis.harmed=1</script>';
  const metadata = JSON.stringify({ channels: [{ name: markup, unit: markup }, { name: '"><b>', unit: "javascript:alert(1)" }], kind: markup });
  await keep(name, new Float32Array(2000).fill(1), ['--channels', '2', '--rate', '1000', '--metadata', metadata]);
  await ringbuf(['put', events, '--messages', '1000', '--keep', '--metadata', JSON.stringify({ beside: name })], `${markup}\n`);
  const server = await Server.begin();
  for (const hash of [`ring=${name}&with=${events}&spectrum=1&lanes=1`, `ring=${encodeURIComponent(markup)}`, `ring=${events}`, '__proto__=1&ring=__proto__',
    `ring=${name}&ch=9,-1,x&span=-5&end=1e999&y=2:1&of=77`]) {
    const page = await open(`${server.url}#${hash}`);
    await page.locator('#link[data-state=connected]').waitFor();
    if (hash.startsWith(`ring=${name}&with`)) {
      await drawn(page);
      await page.locator('.messages td', { hasText: '<script>' }).waitFor();
      assert.ok((await text_of(page, '.channels')).includes('<img src=x'));
    } else if (hash.startsWith('ring=%3C')) {
      await page.locator('.panel .bad').waitFor();
    } else if (hash.includes('of=77')) {
      await page.waitForFunction(() => ringbuf.view.main.info !== null);
    }
    assert.equal(await page.evaluate(() => globalThis.harmed), undefined);
    assert.equal(await page.locator('main img, main script, main b').count(), 0);
    assert.deepEqual(page.complaints, []);
  }
});

test('ten pages at once', async () => {
  const name = ring_name();
  const server = await Server.begin();
  await gen(name, '--rate', '10000', '--channels', '8');
  const pages = [];
  for (let i = 0; i < 10; i++) pages.push(await open(`${server.url}#ring=${name}`));
  await Promise.all(pages.map(drawn));
  const before = await pages[0].evaluate(() => ringbuf.view.main.written);
  await Promise.all(pages.map((page) => page.waitForFunction((written) => ringbuf.view.main.written > written + 10000, before)));
  for (const page of pages) assert.deepEqual(page.complaints, []);
});

test('a page outlives a restart of the server', async () => {
  const name = ring_name();
  const server = await Server.begin();
  const port = new URL(server.url).port;
  await gen(name, '--rate', '1000');
  const page = await open(`${server.url}#ring=${name}`);
  await drawn(page);
  await server.end('SIGKILL');
  await page.locator('#link[data-state=disconnected]').waitFor();
  await Server.begin(port);
  await page.locator('#link[data-state=connected]').waitFor();
  const written = await page.evaluate(() => ringbuf.view.main.written);
  await page.waitForFunction((before) => ringbuf.view.main.written > before + 1000, written);
  await drawn(page);
  assert.ok(page.complaints.every((each) => /WebSocket|ERR_CONNECTION/.test(each)), page.complaints.join());
});

test('what is in sight is downloaded as CSV, npy and WAV', async () => {
  const name = ring_name();
  const samples = new Float32Array(6000).map((each, at) => Math.fround(at / 7));
  const metadata = JSON.stringify({ channels: [{ name: 'a' }, { name: 'b, "c"', unit: 'V', scale: 2, offset: 1 }] });
  await keep(name, samples, ['--channels', '2', '--rate', '1000', '--first-index', '9007199254740993', '--metadata', metadata]);
  const server = await Server.begin();
  const page = await open(`${server.url}#ring=${name}&span=1000&end=2500`);
  await drawn(page);
  const fetch = async (button) => {
    const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: button, exact: true }).click()]);
    return readFileSync(await download.path());
  };
  const csv = (await fetch('download what is in sight as csv')).toString().trim().split('\n');
  assert.equal(csv[0], 'index,time,a,"b, ""c"" [V]"');
  assert.equal(csv.length, 1001);
  const [index, time, a, b] = csv[1].split(',');
  assert.deepEqual([index, Number(a), Number(b)], [String(9007199254740993n + 1500n), samples[3000], samples[3001] * 2 + 1]);
  assert.match(time, /^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
  const npy = await fetch('download what is in sight as npy');
  assert.ok(npy.subarray(0, 128).toString('latin1').includes("'descr': '<f4', 'fortran_order': False, 'shape': (1000, 2)"));
  assert.deepEqual(npy.subarray(-8000), Buffer.from(samples.buffer, 4 * 3000, 8000));
  await page.getByLabel('show a', { exact: true }).uncheck();
  await drawn(page);
  const wav = await fetch('download what is in sight as wav');
  assert.deepEqual([wav.toString('latin1', 0, 4), wav.readUInt16LE(20), wav.readUInt16LE(22), wav.readUInt32LE(24), wav.readUInt32LE(40)], ['RIFF', 3, 1, 1000, 4000]);
  assert.equal(wav.length, 44 + 4000);
  assert.deepEqual([wav.readFloatLE(44), wav.readFloatLE(48)], [samples[3001], samples[3003]]);
  assert.deepEqual(page.complaints, []);
});

test('a link brings the same view again; keys, the scale and the cursor do what they say', async () => {
  const name = ring_name();
  const metadata = JSON.stringify({ channels: [{ name: 'one', unit: 'V', scale: 10 }, { name: 'two', unit: 'V' }, { name: 'three', unit: 'Pa' }] });
  const samples = new Float32Array(30000).map((each, at) => (at % 3) + Math.floor(at / 3) / 10000);
  await keep(name, samples, ['--channels', '3', '--rate', '1000', '--metadata', metadata]);
  const server = await Server.begin();
  const page = await open(`${server.url}#ring=${name}`);
  await drawn(page);
  await page.keyboard.press('Home');
  await page.keyboard.press('+');
  await page.keyboard.press('ArrowLeft');
  await page.keyboard.press('l');
  await page.keyboard.press('g');
  await page.getByLabel('show two').uncheck();
  await page.getByLabel('lowest value').fill('-3');
  await page.getByLabel('highest value').fill('30');
  await page.getByLabel('highest value').press('Enter');
  await drawn(page);
  await page.mouse.move(600, 400);
  await page.locator('#cursor', { hasText: 'cursor at index' }).waitFor();
  const row = page.locator('.channels tr', { hasText: 'one' });
  const cursor = await page.evaluate(() => ringbuf.view.pointed.index);
  const value = Number((await row.locator('td').nth(2).innerText()).split('\u2026')[0]);
  assert.ok(Math.abs(value - (10 * cursor) / 10000) < 0.2, `${value} at ${cursor}`);
  await page.waitForFunction(() => location.hash.includes('y=-3') && location.hash.includes('ch=0%2C2') && location.hash.includes('spectrogram=1'));
  const state = await page.evaluate(() => ringbuf.view.state());
  const again = await open(page.url());
  await drawn(again);
  const same = await again.evaluate(() => ringbuf.view.state());
  for (const view of [state, same]) {
    view.span = Math.round(view.span);
    view.end = Math.round(view.end);
  }
  assert.deepEqual(same, state);
  assert.deepEqual(same.channels, [0, 2]);
  assert.deepEqual(same.y, [-3, 30]);
  assert.ok(same.lanes && same.spectrogram && !same.spectrum && same.end < 10000);
  // For those who do not see: everything that is used has a name, and the values are in a table.
  const nameless = await again.evaluate(() =>
    [...document.querySelectorAll('button, select, input, canvas.overview, canvas.spectrogram, .plot')].filter((each) => !each.getAttribute('aria-label') && !each.textContent.trim()).map((each) => each.outerHTML));
  assert.deepEqual(nameless, []);
  await again.getByRole('table', { name: 'Channels' }).waitFor();
  await again.getByRole('button', { name: /dark and light/ }).click();
  assert.equal(await again.evaluate(() => document.documentElement.dataset.theme), 'dark');
  assert.deepEqual([...page.complaints, ...again.complaints], []);
});

test('wheel and touch zoom and move', async () => {
  const name = ring_name();
  await keep(name, new Float32Array(20000).map((each, at) => Math.sin(at / 50)), ['--rate', '1000', '--capacity', '20000']);
  const server = await Server.begin();
  const page = await open(`${server.url}#ring=${name}&span=10000&end=15000`, { hasTouch: true });
  await drawn(page);
  const box = await page.locator('.plot').boundingBox();
  await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
  const at = await page.evaluate(() => ringbuf.view.pointed?.index ?? null);
  await page.mouse.wheel(0, -400);
  await page.waitForFunction(() => ringbuf.view.span < 9000);
  const view = await page.evaluate(() => ({ span: ringbuf.view.span, end: ringbuf.view.end }));
  assert.ok(view.end - view.span > 5000 && view.end < 15000, JSON.stringify(view));
  assert.ok(at === null || (at > view.end - view.span && at < view.end));
  await page.mouse.down();
  await page.mouse.move(box.x + box.width / 2 + 100, box.y + box.height / 2, { steps: 4 });
  await page.mouse.up();
  await page.waitForFunction((end) => ringbuf.view.end < end - 100, view.end);
  // Two fingers, apart.
  const session = await page.context().newCDPSession(page);
  const before = await page.evaluate(() => ringbuf.view.span);
  const touch = (type, ...xs) => session.send('Input.dispatchTouchEvent', { type, touchPoints: xs.map((x, id) => ({ x, y: box.y + 150, id })) });
  await touch('touchStart', box.x + 400, box.x + 500);
  await touch('touchMove', box.x + 350, box.x + 550);
  await touch('touchMove', box.x + 300, box.x + 600);
  await touch('touchEnd');
  await page.waitForFunction((span) => ringbuf.view.span < 0.6 * span, before);
  await drawn(page);
  assert.deepEqual(page.complaints, []);
});

test('several rings at the same time, and the messages of a third as marks', async () => {
  const [first, second, events] = [ring_name(), ring_name(), ring_name()];
  const server = await Server.begin();
  // Both rings have a step at the same moment, at different rates and indices.
  await python(`
import time
from ringbuf import Writer
a = Writer("${first}", capacity=100000, sample_rate=1000)
b = Writer("${second}", capacity=100000, sample_rate=250, first_index=70000)
m = Writer("${events}", capacity=65536, messages=True, metadata={"beside": "${first}"})
start = time.monotonic_ns()
for i in range(20):
    now, real = start + i * 100_000_000, 1_700_000_000_000_000_000 + i * 100_000_000
    a.put([float(i >= 10)] * 100)
    a.stamp(100 * i + 99, now, real)
    b.put([float(i >= 10)] * 25)
    b.stamp(70000 + 25 * i + 24, now, real)
m.send(b"step", tag=1000)
print("there", flush=True)
time.sleep(1000)
`);
  const page = await open(`${server.url}#ring=${first}&with=${second}&with=${events}&span=2000&end=2000`);
  await drawn(page);
  await page.waitForFunction(() => ringbuf.view.others[0]?.times.known && ringbuf.view.others[0].range.end - ringbuf.view.others[0].range.start < 600 && ringbuf.view.messages[0]?.list.length === 1);
  await page.waitForFunction(() => ringbuf.view.others[0].wanted()[0] >= ringbuf.view.others[0].wanted()[1]);
  const steps = await page.evaluate(() => [ringbuf.view.main, ...ringbuf.view.others].map((panel) => {
    const [xs, ys] = panel.curves.data;
    const index = xs[ys.findIndex((each) => each === 1)];
    return { part: (index - panel.range.start) / (panel.range.end - panel.range.start), index };
  }));
  assert.ok(Math.abs(steps[0].part - steps[1].part) < 0.02, JSON.stringify(steps));
  const marks = await page.evaluate(() => ringbuf.view.main.marks());
  assert.deepEqual(marks, [{ index: 1000, text: 'step' }]);
  await page.locator('.messages td', { hasText: 'step' }).waitFor();
  await page.getByRole('button', { name: `remove ${second}` }).click();
  assert.equal(await page.evaluate(() => ringbuf.view.others.length), 0);
  assert.deepEqual(page.complaints, []);
});

test('a ring of messages leads to the ring that it belongs to', async () => {
  const [name, events] = [ring_name(), ring_name()];
  await keep(name, new Float32Array(2000), ['--rate', '1000']);
  await ringbuf(['put', events, '--messages', '1000', '--keep', '--metadata', JSON.stringify({ beside: name })], 'hello\n');
  const server = await Server.begin();
  const page = await open(`${server.url}#ring=${events}`);
  await page.waitForFunction((ring) => ringbuf.view.name === ring && ringbuf.view.messages.length === 1, name);
  await page.locator('.messages td', { hasText: 'hello' }).waitFor();
  assert.deepEqual(page.complaints, []);
});

test('the spectrogram of a rising tone rises', async () => {
  const name = ring_name();
  await ringbuf(['gen', name, 'chirp', '--frequency', '100', '--to', '3000', '--sweep', '10s', '--rate', '8000', '--duration', '10s', '--as-fast-as-possible', '--keep']);
  const server = await Server.begin();
  const page = await open(`${server.url}#ring=${name}&span=80000&end=80000&spectrogram=1`);
  await page.waitForFunction(() => ringbuf.view?.spectrogram?.powers?.length > 100);
  const lines = await page.evaluate(() =>
    ringbuf.view.spectrogram.powers.filter(Boolean).map((each) => each.indexOf(Math.max(...each)) / each.length));
  assert.ok(lines.length > 250, `${lines.length} columns`);
  const at = (part) => lines[Math.floor(part * (lines.length - 1))] * 4000;
  for (const part of [0.1, 0.5, 0.9]) assert.ok(Math.abs(at(part) - (100 + 2900 * part)) < 120, `${at(part)} Hz at ${part}`);
  assert.deepEqual(page.complaints, []);
});

test('what was overwritten before it was seen is a gap in the curve', async () => {
  const name = ring_name();
  const server = await Server.begin();
  const page = await open(server.url);
  await python(`
import time
from ringbuf import Writer
writer = Writer("${name}", capacity=10000, sample_rate=1000)
writer.put([1.0] * 2000)
writer.skip(1000)
writer.put([2.0] * 2000)
print("there", flush=True)
time.sleep(1000)
`);
  await page.goto(`${server.url}#ring=${name}&span=5000&end=5000`);
  await drawn(page);
  await page.waitForFunction(() => !ringbuf.view.main.filling && ringbuf.view.main.curves.data[1].includes(1));
  const [xs, ys] = await page.evaluate(() => ringbuf.view.main.curves.data);
  xs.forEach((x, at) => {
    const inside = x > 2004 && x < 2996;
    if (inside) assert.equal(ys[at], null, `at ${x}`);
  });
  assert.ok(ys.includes(1) && ys.includes(2));
  assert.deepEqual(page.complaints, []);
});
