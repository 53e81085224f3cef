// What the browser tests have in common: rings with names that nobody else has, the server, and a browser; all of them end with
// the test.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync, unlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

export const source = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
export const tool = process.env.RINGBUF_TOOL ?? join(source, 'build/release/capi/tools/ringbuf');
const modules = process.env.RINGBUF_WEB_TEST_MODULES ?? join(source, 'build/web-tests/node_modules');
const { chromium } = createRequire(join(modules, 'x.js'))('playwright-core');
const environment = {
  ...process.env,
  PATH: `${dirname(tool)}:${process.env.PATH}`,
  PYTHONPATH: join(source, 'capi/python'),
  RINGBUF_LIBRARY: process.env.RINGBUF_LIBRARY ?? join(source, 'build/release/libringbuf.so.1'),
};

export const prefix = `ringbuf-test-web-${process.pid}-`;
let names = 0;
export const ring_name = () => `${prefix}${names++}`;

const running = new Set();

export function start(program, words, options = {}) {
  const child = spawn(program, words, { env: environment, stdio: ['pipe', 'pipe', 'inherit'], ...options });
  running.add(child);
  child.once('exit', () => running.delete(child));
  return child;
}

export async function end(child, signal = 'SIGKILL') {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = once(child, 'exit');
  child.kill(signal);
  await exit;
}

async function finish(child, input) {
  let text = '';
  child.stdout.on('data', (each) => (text += each));
  child.stdin.on('error', () => {}); // it may end without having read all of it, and then says why
  child.stdin.end(input);
  const [code] = await once(child, 'close');
  assert.equal(code, 0);
  return text;
}

// Runs `ringbuf WORD...` with that on stdin, and returns what it says on stdout.
export const ringbuf = (words, input = '') => finish(start(tool, words), input);

// Runs lines of Python, which print a line when they have done what the test waits for, and then go on until they are killed.
export async function python(lines) {
  const child = start(process.env.RINGBUF_PYTHON ?? '/usr/bin/python3', ['-B', '-c', lines]);
  await once(createInterface(child.stdout), 'line');
  return child;
}

// A ring of float32 that stays.
export async function keep(name, samples, options = []) {
  const bytes = Buffer.from(samples.buffer, samples.byteOffset, samples.byteLength);
  await ringbuf(['put', name, '--type', 'float32', '--keep', ...options], bytes);
}

// `ringbuf gen`, which writes until it ends; returns once the ring is there.
export async function gen(name, ...words) {
  const child = start(tool, ['gen', name, ...words]);
  await ringbuf(['wait', name, '--index', '1', '--timeout', '100s']);
  return child;
}

export class Server {
  static async begin(port = '0') {
    const server = new Server();
    server.process = start(tool, ['web', '--port', port]);
    const line = once(createInterface(server.process.stdout), 'line');
    const exit = once(server.process, 'exit').then(() => assert.fail('the server has ended'));
    exit.catch(() => {});
    [server.url] = await Promise.race([line, exit]);
    return server;
  }

  end(signal = 'SIGTERM') {
    return end(this.process, signal);
  }
}

let browser = null;
const profile = () => (Server.profile ??= mkdtempSync(join(tmpdir(), 'ringbuf-web-')));

// A page, which fails the test if it writes an error into its console.
export async function open(url, options = {}) {
  browser ??= await chromium.launch({
    executablePath: process.env.RINGBUF_CHROMIUM ?? '/usr/bin/chromium',
    env: { ...process.env, HOME: profile() },
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
      '--disable-component-update', '--disable-sync', '--disable-dev-shm-usage'],
  });
  const context = await browser.newContext({ viewport: { width: 1100, height: 900 }, timezoneId: 'UTC', ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(Number(process.env.RINGBUF_WEB_PATIENCE ?? 100000));
  page.complaints = [];
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') page.complaints.push(message.text());
  });
  page.on('pageerror', (error) => page.complaints.push(error.stack));
  await page.goto(url);
  return page;
}

// Waits until the view of the ring is there and shows something.
export const drawn = (page) =>
  page.waitForFunction(() => {
    const main = globalThis.ringbuf?.view?.main;
    return main?.store && main.times.known && main.curves.data[0].length > 0 && main.curves.data[1]?.some((each) => each !== null) && main.wanted()[0] >= main.wanted()[1];
  });

export async function clean_up() {
  await browser?.close();
  for (const child of [...running]) await end(child);
  if (Server.profile) rmSync(Server.profile, { recursive: true, force: true });
  const left = readdirSync('/dev/shm').filter((each) => each.startsWith(prefix));
  for (const each of left) unlinkSync(`/dev/shm/${each}`);
}

// For each test: its rings and processes end with it.
export async function after_each() {
  for (const child of [...running]) {
    if (child !== browser?.process?.()) await end(child);
  }
  for (const context of browser?.contexts() ?? []) await context.close();
  for (const each of readdirSync('/dev/shm').filter((name) => name.startsWith(prefix))) unlinkSync(`/dev/shm/${each}`);
}
