// `ringbuf web` in a real browser: Debian's chromium, driven by playwright-core.
import assert from 'node:assert/strict';
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
