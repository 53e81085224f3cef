'use strict';
// What TypeScript makes of index.d.ts, for each way in which it finds a package. bootstrap.sh has its compiler in build/node.
const assert = require('assert');
const {spawnSync} = require('child_process');
const fs = require('fs');
const os = require('os');
const path = require('path');
const {test} = require('node:test');

const root = path.join(__dirname, '..', '..');
const tsc = path.join(root, 'build/node/node_modules/typescript/bin/tsc');
const ways = {commonjs: 'node10', node16: 'node16', esnext: 'bundler'};

for (const [module, resolution] of Object.entries(ways)) {
  test(`types, ${resolution}`, (t) => {
    const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'ringbuf-test-node-'));
    t.after(() => fs.rmSync(directory, {recursive: true}));
    fs.mkdirSync(path.join(directory, 'node_modules'));
    fs.symlinkSync(path.join(root, 'capi/node'), path.join(directory, 'node_modules/ringbuf'));
    fs.copyFileSync(path.join(__dirname, 'types.ts'), path.join(directory, 'types.ts'));
    const done = spawnSync(process.execPath, [tsc, '--noEmit', '--strict', '--noUncheckedIndexedAccess', '--target', 'es2022',
      '--lib', 'es2022,dom,esnext.disposable', '--module', module, '--moduleResolution', resolution, 'types.ts'],
    {cwd: directory, encoding: 'utf8'});
    assert.strictEqual(done.stdout, '');
    assert.strictEqual(done.status, 0, done.stderr);
  });
}
