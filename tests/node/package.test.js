'use strict';
// The package as cmake/npm.sh makes it, in an empty project, with no variable set.
const assert = require('assert');
const {spawnSync} = require('child_process');
const fs = require('fs');
const os = require('os');
const path = require('path');
const {test} = require('node:test');
const {candidates} = require('../../capi/node/lib/library.js');

const root = path.join(__dirname, '..', '..');
const machine = {x64: 'linux-x86_64', arm64: 'linux-aarch64'}[process.arch];

function run(command, args, options) {
  const done = spawnSync(command, args, {encoding: 'utf8', ...options});
  assert.strictEqual(done.status, 0, `${command} ${args.join(' ')}: ${done.error ?? done.stderr}`);
  return done.stdout.trim();
}

/** The package, with the library of this build. */
function pack(t, umask) {
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'ringbuf-test-node-'));
  t.after(() => fs.rmSync(directory, {recursive: true}));
  const library = `${machine}=${process.env.RINGBUF_LIBRARY}`;
  return run('sh', ['-c', `umask ${umask}; exec "$@"`, 'sh', path.join(root, 'cmake/npm.sh'), directory, library]);
}

test('the same files give the same bytes', (t) => {
  const [one, other] = [pack(t, '022'), pack(t, '077')].map((file) => fs.readFileSync(file));
  assert(one.equals(other));
});

test('everything is in it, and nothing else', (t) => {
  const files = run('tar', ['tzf', pack(t, '022')]).split('\n').map((file) => file.replace('package/', '')).sort();
  const sources = fs.readdirSync(path.join(root, 'capi/node/lib')).map((file) => `lib/${file}`);
  assert.deepStrictEqual(files, ['LICENSE', 'README.md', 'index.d.ts', 'index.js', 'package.json', ...sources,
    `prebuilt/linux-${process.arch}/libringbuf.so.1`].sort());
});

test('each machine has its library where Node.js of that machine looks', (t) => {
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'ringbuf-test-node-'));
  t.after(() => fs.rmSync(directory, {recursive: true}));
  const machines = ['linux-x86_64', 'linux-aarch64', 'macos-arm64', 'macos-x86_64', 'windows-x86_64'];
  const libraries = machines.map((name) => {
    fs.writeFileSync(path.join(directory, name), name);
    return `${name}=${path.join(directory, name)}`;
  });
  const file = run(path.join(root, 'cmake/npm.sh'), [directory, ...libraries]);
  run('tar', ['xzf', file, '-C', directory]);
  const found = ['linux x64', 'linux arm64', 'darwin arm64', 'darwin x64', 'win32 x64'].map((system) => {
    const [platform, arch] = system.split(' ');
    const where = path.join(directory, 'package/prebuilt');
    const [first] = candidates({env: {}, platform, arch, musl: () => false, directory: where});
    return fs.readFileSync(first.file, 'utf8');
  });
  assert.deepStrictEqual(found, machines);
});

test('a machine that is unknown is refused', () => {
  const done = spawnSync(path.join(root, 'cmake/npm.sh'), [os.tmpdir(), 'amiga'], {encoding: 'utf8'});
  assert.deepStrictEqual([done.status, done.stderr],
    [2, 'npm.sh: machine is amiga, expected linux-x86_64, linux-aarch64, macos-arm64, macos-x86_64 or windows-x86_64\n']);
});

test('the example runs with it', (t) => {
  const file = pack(t, '022');
  const project = path.join(path.dirname(file), 'project');
  const installed = path.join(project, 'node_modules/ringbuf');
  fs.mkdirSync(installed, {recursive: true});
  run('tar', ['xzf', file, '-C', installed, '--strip-components=1']);
  const modules = process.env.NODE_PATH.split(':')[0]; // where koffi is
  for (const name of ['koffi', '@koromix']) {
    fs.cpSync(path.join(modules, name), path.join(project, 'node_modules', name), {recursive: true});
  }
  fs.copyFileSync(path.join(root, 'tests/interop/node/example.js'), path.join(project, 'example.js'));
  const reader = path.join(project, 'reader.sh');
  fs.writeFileSync(reader, `#!/bin/sh\nexec '${process.execPath}' '${project}/example.js' "$1"\n`, {mode: 0o755});
  const env = {PATH: process.env.PATH};
  const stream = path.join(root, 'tests/consumer/examples/stream.sh');
  assert.match(run(stream, ['ringbuf-test-node-package', process.env.RINGBUF_EXAMPLE_WRITER, reader], {env}),
    /the writer has ended the stream$/);
  assert.strictEqual(run(process.execPath, ['-p', "require('ringbuf').libraryPath"], {cwd: project, env}),
    path.join(installed, `prebuilt/linux-${process.arch}/libringbuf.so.1`));
  fs.writeFileSync(path.join(project, 'example.mjs'), `import {Reader, rings, version} from 'ringbuf';
    console.log(typeof Reader, Array.isArray(rings()), version);`);
  assert.match(run(process.execPath, ['example.mjs'], {cwd: project, env}), /^function true \d+\.\d+\.\d+$/);
});
