'use strict';
// The package says the same as ringbuf.h, and index.d.ts the same as the package.
const assert = require('assert');
const fs = require('fs');
const path = require('path');
const {test} = require('node:test');
const ringbuf = require('ringbuf');

const root = path.join(__dirname, '..', '..');
const lib = (name) => require(path.join(root, 'capi/node/lib', name));
const header = fs.readFileSync(path.join(root, 'capi/ringbuf.h'), 'utf8').replace(/\/\*[^]*?\*\//g, '');
const types = fs.readFileSync(path.join(root, 'capi/node/index.d.ts'), 'utf8');
const enumerators = (name) => Object.fromEntries(
  [...new RegExp(`enum ${name} \\{([^}]*)\\}`).exec(header)[1].matchAll(/RINGBUF_(\w+) = (\d+)/g)]
    .map(([, key, value]) => [key, Number(value)]));

test('each code is a class', () => {
  const codes = enumerators('ringbuf_code');
  assert(Object.keys(codes).length > 20);
  assert.deepStrictEqual(lib('errors.js').Code, codes);
  delete codes.OK;
  const classes = Object.entries(ringbuf).filter(([, value]) => value?.prototype instanceof ringbuf.RingbufError);
  assert.strictEqual(classes.length, Object.keys(codes).length);
  for (const [name, Class] of classes) {
    const error = new Class('why');
    assert.deepStrictEqual([error.name, error.message, String(error)], [name, 'why', `${name}: why`]);
    assert.strictEqual(codes[error.codeName.replace('RINGBUF_', '')], error.code);
    assert.deepStrictEqual([Class.code, Class.codeName], [error.code, error.codeName]);
    assert.match(types, new RegExp(`/\\*\\* ${error.code}: .* \\*/\nexport class ${name} extends RingbufError \\{\\}`));
  }
  const later = lib('errors.js').failure(99);
  assert.deepStrictEqual([later.name, later.code, later instanceof ringbuf.RingbufError], ['RingbufError', 99, true]);
});

test('data types', () => {
  const named = Object.fromEntries(lib('types.js').types.map(({name, code}) => [name.toUpperCase(), code]));
  assert.deepStrictEqual(named, enumerators('ringbuf_data_type'));
  const declared = [.../interface DataTypes \{([^}]*)\}/.exec(types)[1].matchAll(/^ {2}(\w+): (\w+);/gm)];
  assert.deepStrictEqual(Object.fromEntries(declared.map(([, name, Elements]) => [name, Elements])),
    Object.fromEntries(lib('types.js').types.map(({name, Elements}) => [name, Elements.name])));
});

test('structs', () => {
  const koffi = require('koffi');
  for (const [name, struct] of Object.entries(lib('functions.js').structs)) {
    const body = new RegExp(`typedef struct ringbuf_${name} \\{([^}]*)\\}`).exec(header)[1];
    const fields = [...body.matchAll(/(\w+) (\w+)(?:\[(\d+)\])?;/g)].map(([, type, field, length]) =>
      [field, length ? `${type}[${length}]` : type]);
    const here = Object.entries(struct.fields).map(([field, type]) => [field, koffi.type(type).name]);
    assert.deepStrictEqual(here.map(([field]) => field), fields.map(([field]) => field), name);
    for (let i = 0; i < fields.length; ++i) {
      const [, type] = fields[i];
      assert.strictEqual(here[i][1], type.includes('[') ? here[i][1] : koffi.type(type).name, type);
    }
  }
});

test('functions', () => {
  // Those that a package for Node.js has no use for: another one of it does the same, or takes what JavaScript has not.
  const unused = ['ringbuf_size', 'ringbuf_create_raw', 'ringbuf_open_raw', 'ringbuf_open_fd', 'ringbuf_wait_any',
    'ringbuf_interrupt', 'ringbuf_send', 'ringbuf_error_name', 'ringbuf_type_code', 'ringbuf_type_name', 'ringbuf_type_size',
    'ringbuf_version'];
  const {prototypes, visits} = lib('functions.js');
  const shape = (prototype) => {
    const [, result, name, args] = /^(.*?)(ringbuf_\w+)\(([^]*)\)$/.exec(prototype.replace(/\s+/g, ' '));
    const kind = (type) => /\*/.test(type.replace('const char *name', '')) ? 'pointer' : type.replace(/ ?\w+$/, '');
    return [name, result.trim(), ...args.split(',').map((arg) => kind(arg.trim()))];
  };
  const declared = new Map([...header.matchAll(/^RINGBUF_API ([^;]*);/gm)]
    .filter(([, prototype]) => !prototype.includes('(*visit)'))
    .map(([, prototype]) => [shape(prototype)[0], shape(prototype)]));
  for (const prototype of prototypes) assert.deepStrictEqual(shape(prototype), declared.get(shape(prototype)[0]));
  const known = [...prototypes.map((prototype) => shape(prototype)[0]), ...Object.keys(visits), ...unused].sort();
  assert.deepStrictEqual(known, [...header.matchAll(/^RINGBUF_API [^;]*?(ringbuf_\w+)\(/gm)].map(([, name]) => name).sort());
});

test('flags and states', () => {
  const rings = lib('rings.js');
  const flags = enumerators('ringbuf_ring_flag');
  assert.deepStrictEqual({LOSSLESS: rings.LOSSLESS, KEEP: rings.KEEP, MESSAGES: rings.MESSAGES}, flags);
  assert.deepStrictEqual(rings.STATES.slice(1).map((state, i) => [`STATE_${state.toUpperCase()}`, i + 1]),
    Object.entries(enumerators('ringbuf_state')));
  const {STARTS, RESYNCS, OBSERVER, LAZY, ANY_SHAPE} = lib('reader.js');
  const open = enumerators('ringbuf_open_flag');
  delete open.AS_WRITER; // for rings without a name
  const here = {OBSERVER, LAZY, ANY_SHAPE};
  for (const [name, value] of Object.entries(STARTS)) here[`FROM_${name.toUpperCase()}`] = value;
  for (const [name, value] of Object.entries(RESYNCS)) here[`RESYNC_${name.toUpperCase()}`] = value;
  assert.deepStrictEqual(here, open);
});

test('the version is that of the header', () => {
  const text = fs.readFileSync(path.join(root, 'capi/ringbuf.h'), 'utf8');
  const parts = ['MAJOR', 'MINOR', 'PATCH'].map((part) => new RegExp(`RINGBUF_VERSION_${part} (\\d+)`).exec(text)[1]);
  assert.strictEqual(ringbuf.version, parts.join('.'));
  assert.strictEqual(ringbuf.libraryVersion, ringbuf.version);
  assert.strictEqual(ringbuf.libraryPath, process.env.RINGBUF_LIBRARY);
});

test('koffi is the one that the tests have', () => {
  const {dependencies} = require(path.join(root, 'capi/node/package.json'));
  const lock = require(path.join(root, 'tests/interop/node/package-lock.json'));
  assert.strictEqual(dependencies.koffi, lock.packages['node_modules/koffi'].version);
});

test('import finds every name', async () => {
  const imported = await import(path.join(root, 'capi/node/index.js'));
  assert.deepStrictEqual(Object.keys(imported).filter((name) => name !== 'default' && name !== 'module.exports').sort(),
    Object.keys(ringbuf).sort());
});

test('index.d.ts declares what there is', () => {
  const exported = [...types.matchAll(/^export (?:abstract )?(?:class|function|const) (\w+)/gm)].map(([, name]) => name);
  assert.deepStrictEqual(exported.sort(), Object.keys(ringbuf).sort());
  const members = (Class, end = Object.prototype) => {
    const found = new Set();
    for (let {prototype} = Class; prototype !== end; prototype = Object.getPrototypeOf(prototype)) {
      for (const name of Object.getOwnPropertyNames(prototype)) if (name !== 'constructor') found.add(name);
    }
    return found;
  };
  const body = (name) => new RegExp(`class ${name}<[^{]*\\{\n([^]*?)\n\\}\n`).exec(types)[1];
  const declared = (text) => new Set([...text.matchAll(/^ {2}(?:static |readonly |get |set )*(\w+)(?:[<(:])/gm)]
    .map(([, name]) => name).filter((name) => name !== 'constructor'));
  const ring = declared(body('Ring'));
  for (const name of ['Reader', 'Writer']) {
    const Class = ringbuf[name];
    const statics = Object.getOwnPropertyNames(Class).filter((own) => typeof Class[own] === 'function');
    assert.deepStrictEqual([...new Set([...declared(body(name)), ...ring])].sort(),
      [...new Set([...members(Class), ...statics])].sort(), name);
  }
});
