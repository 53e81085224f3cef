// `cmake/bootstrap.sh demo --web` leads to a page on which the demo's eight channels move. It builds, so it is no test of ctest.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { clean_up, drawn, end, open, source, start } from '../support.mjs';

after(clean_up);

test('the demo in a browser', async () => {
  const demo = start('cmake/bootstrap.sh', ['demo', '--web', '--port', '0'], { cwd: source });
  let text = '';
  const url = await new Promise((resolve, reject) => {
    demo.stdout.on('data', (each) => {
      text += each;
      const found = /^http:\S+$/m.exec(text);
      if (found) resolve(found[0]);
    });
    demo.once('exit', () => reject(new Error(`it has ended:\n${text}`)));
  });
  const page = await open(url);
  await drawn(page);
  const before = await page.evaluate(() => ({ written: ringbuf.view.main.written, channels: ringbuf.view.main.channels.length }));
  assert.equal(before.channels, 8);
  await page.waitForFunction((written) => ringbuf.view.main.written > written + 10000, before.written);
  assert.equal(await page.evaluate(() => ringbuf.view.main.curves.data.slice(1).filter((each) => each.some((value) => value !== null)).length), 8);
  assert.deepEqual(page.complaints, []);
  await end(demo, 'SIGTERM');
});
