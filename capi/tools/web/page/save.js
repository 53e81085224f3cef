// Files of what is in sight: CSV, npy and WAV, made in the browser of the samples as they are in the ring.
import { element } from './dom.js';
import { Refused } from './link.js';

const most_bytes = 256 * 1024 * 1024;

// The types of elements: size in bytes, how a DataView reads one, NumPy's name.
const types = {
  float32: [4, (view, at) => view.getFloat32(at, true), '<f4'],
  int16: [2, (view, at) => view.getInt16(at, true), '<i2'],
  float64: [8, (view, at) => view.getFloat64(at, true), '<f8'],
  int8: [1, (view, at) => view.getInt8(at), '|i1'],
  uint8: [1, (view, at) => view.getUint8(at), '|u1'],
  uint16: [2, (view, at) => view.getUint16(at, true), '<u2'],
  int32: [4, (view, at) => view.getInt32(at, true), '<i4'],
  uint32: [4, (view, at) => view.getUint32(at, true), '<u4'],
  int64: [8, (view, at) => view.getBigInt64(at, true), '<i8'],
  uint64: [8, (view, at) => view.getBigUint64(at, true), '<u8'],
  float16: [2, (view, at) => half(view.getUint16(at, true)), '<f2'],
  complex64: [8, (view, at) => [view.getFloat32(at, true), view.getFloat32(at + 4, true)], '<c8'],
  complex128: [16, (view, at) => [view.getFloat64(at, true), view.getFloat64(at + 8, true)], '<c16'],
};

function half(bits) {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 31) return fraction ? NaN : sign * Infinity;
  return sign * (exponent ? (1 + fraction / 1024) * 2 ** (exponent - 15) : (fraction / 1024) * 2 ** -14);
}

// The samples [start, end) in runs that are there: gaps and what is overwritten are left out.
async function fetch_samples(panel, start, end, ontell) {
  const { info, link } = panel;
  const chunk = Math.max(1, Math.floor((1 << 20) / info.sample_bytes));
  const runs = [];
  const get = async (from, to) => {
    try {
      const { raw } = await link.ask({ op: 'raw', ring: panel.name, start: from, count: to - from });
      runs.push({ start: from, count: to - from, raw });
    } catch (error) {
      if (!(error instanceof Refused && error.missing)) throw error;
      if (to - from > 1) {
        const middle = Math.floor((from + to) / 2);
        await get(from, middle);
        await get(middle, to);
      }
    }
  };
  for (let at = start; at < end; at += chunk) {
    await get(at, Math.min(end, at + chunk));
    ontell(`${Math.round((100 * (at - start)) / (end - start))} %`);
  }
  return runs;
}

function head_of_npy(type, count, channels) {
  let text = `{'descr': '${type}', 'fortran_order': False, 'shape': (${count}, ${channels}), }`;
  text = `${text.padEnd(Math.ceil((text.length + 11) / 64) * 64 - 11)}\n`;
  const head = new Uint8Array(10 + text.length);
  head.set([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, text.length & 255, text.length >> 8]);
  for (let i = 0; i < text.length; i++) head[10 + i] = text.charCodeAt(i);
  return head;
}

function head_of_wav(tag, bits, channels, rate, bytes) {
  const head = new DataView(new ArrayBuffer(44));
  const word = (at, text) => [...text].forEach((each, i) => head.setUint8(at + i, each.charCodeAt(0)));
  word(0, 'RIFF');
  head.setUint32(4, 36 + bytes, true);
  word(8, 'WAVEfmt ');
  head.setUint32(16, 16, true);
  head.setUint16(20, tag, true);
  head.setUint16(22, channels, true);
  head.setUint32(24, rate, true);
  head.setUint32(28, (rate * channels * bits) / 8, true);
  head.setUint16(32, (channels * bits) / 8, true);
  head.setUint16(34, bits, true);
  word(36, 'data');
  head.setUint32(40, bytes, true);
  return head.buffer;
}

// The chosen channels alone.
function pick(run, info, channels, size) {
  if (channels.length === info.channels && channels.every((each, at) => each === at)) return run.raw;
  const picked = new Uint8Array(run.count * channels.length * size);
  for (let i = 0, into = 0; i < run.count; i++) {
    for (const channel of channels) {
      const from = i * info.sample_bytes + channel * size;
      for (let byte = 0; byte < size; byte++) picked[into++] = run.raw[from + byte];
    }
  }
  return picked;
}

const quoted = (text) => (/[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);

function csv(panel, runs) {
  const { info, channels, times } = panel;
  const [size, get] = types[info.type];
  const first = BigInt(info.first_index);
  const parts = [];
  const names = channels.flatMap((each) => {
    const { name, unit } = info.channel_list[each];
    const head = quoted(unit === '1' ? name : `${name} [${unit}]`);
    return info.complex ? [quoted(`${name} real`), quoted(`${name} imaginary`)] : [head];
  });
  parts.push(`${['index', 'time', ...names].join(',')}\n`);
  for (const run of runs) {
    const view = new DataView(run.raw.buffer, run.raw.byteOffset, run.raw.byteLength);
    let text = '';
    for (let i = 0; i < run.count; i++) {
      const ms = times.known ? times.ms_at(run.start + i) : NaN;
      text += `${first + BigInt(run.start + i)},${Number.isFinite(ms) ? new Date(ms).toISOString() : ''}`;
      for (const channel of channels) {
        const { scale, offset } = info.channel_list[channel];
        const element_value = get(view, i * info.sample_bytes + channel * size);
        if (info.complex) text += `,${element_value[0] * scale + offset},${element_value[1] * scale}`;
        else text += `,${scale === 1 && offset === 0 ? element_value : Number(element_value) * scale + offset}`;
      }
      text += '\n';
    }
    parts.push(text);
  }
  return new Blob(parts, { type: 'text/csv' });
}

// Runs, with zeros in between, so that all samples stand at their place.
function filled(runs, start, end, bytes_a_sample, convert) {
  const parts = [];
  let at = start;
  for (const run of runs) {
    if (run.start > at) parts.push(new Uint8Array((run.start - at) * bytes_a_sample));
    parts.push(convert(run));
    at = run.start + run.count;
  }
  if (end > at) parts.push(new Uint8Array((end - at) * bytes_a_sample));
  return parts;
}

function npy(panel, runs, start, end) {
  const { info, channels } = panel;
  const [size, , name] = types[info.type];
  const parts = filled(runs, start, end, size * channels.length, (run) => pick(run, info, channels, size));
  return new Blob([head_of_npy(name, end - start, channels.length), ...parts], { type: 'application/octet-stream' });
}

function wav(panel, runs, start, end) {
  const { info, channels } = panel;
  const [size, get] = types[info.type];
  const as_is = { float32: [3, 32], int16: [1, 16], uint8: [1, 8], int32: [1, 32], float64: [3, 64] }[info.type];
  const [tag, bits] = as_is ?? [3, 32];
  const convert = (run) => {
    if (as_is) return pick(run, info, channels, size);
    const view = new DataView(run.raw.buffer, run.raw.byteOffset, run.raw.byteLength);
    const floats = new Float32Array(run.count * channels.length);
    for (let i = 0; i < run.count; i++) {
      channels.forEach((channel, which) => {
        const each = get(view, i * info.sample_bytes + channel * size);
        floats[i * channels.length + which] = info.complex ? Math.hypot(...each) : Number(each);
      });
    }
    return new Uint8Array(floats.buffer);
  };
  const parts = filled(runs, start, end, (bits / 8) * channels.length, convert);
  const bytes = ((end - start) * channels.length * bits) / 8;
  const rate = Math.max(1, Math.round(info.sample_rate) || 1);
  return new Blob([head_of_wav(tag, bits, channels.length, rate, bytes), ...parts], { type: 'audio/wav' });
}

// Saves what is in sight; tells how far it is.
export async function save(panel, format, ontell) {
  const start = Math.max(panel.oldest, Math.floor(panel.range.start));
  const end = Math.min(panel.written, Math.ceil(panel.range.end));
  if (end <= start || panel.channels.length === 0) return ontell('nothing is in sight');
  if ((end - start) * panel.info.sample_bytes > most_bytes) return ontell('that is more than 256 MiB: zoom in');
  const runs = await fetch_samples(panel, start, end, ontell);
  const there = runs.reduce((sum, run) => sum + run.count, 0);
  const blob = { csv, npy, wav }[format](panel, runs, start, end);
  const url = URL.createObjectURL(blob);
  const anchor = element('a', { href: url, download: `${panel.name}.${format}` });
  anchor.click();
  setTimeout(() => URL.revokeObjectURL(url), 60000);
  const missing = end - start - there;
  return ontell(missing === 0 ? `${there} samples` : `${there} samples; ${missing} are missing${format === 'csv' ? '' : ' and are 0'}`);
}
