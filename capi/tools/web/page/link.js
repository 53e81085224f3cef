// The connection to the server: a WebSocket that is opened again whenever it is lost. Each request has one reply; those that are
// open when the connection is lost fail, and whoever asked asks again.

export class Disconnected extends Error {}
export class Refused extends Error {}

const HEAD = 80; // bytes of the head of a binary reply: Head in viewer.cpp

function decode(buffer) {
  const view = new DataView(buffer);
  const number = (at) => Number(view.getBigInt64(at, true));
  const flags = view.getUint32(12, true);
  const reply = {
    id: view.getUint32(0, true),
    kind: view.getUint32(4, true),
    state: view.getUint32(8, true),
    wide: (flags & 1) !== 0,
    filling: (flags & 2) !== 0,
    cut: (flags & 4) !== 0,
    written: number(16),
    oldest: number(24),
    start: number(32),
    width: number(40),
    count: view.getUint32(48, true),
    channels: view.getUint32(52, true),
    newest_ms: view.getFloat64(56, true),
    epoch: view.getUint32(64, true),
    lost: number(72),
    bytes: buffer.byteLength,
  };
  if (reply.kind === 3) reply.raw = new Uint8Array(buffer, HEAD);
  else reply.values = reply.wide ? new Float64Array(buffer, HEAD) : new Float32Array(buffer, HEAD);
  return reply;
}

export class Link {
  constructor(onstate) {
    this.onstate = onstate;
    this.waiting = new Map();
    this.next = 1;
    this.pause = 250;
    this.connections = 0;
    this.openers = [];
    this.open();
  }

  open() {
    this.onstate('connecting');
    const scheme = location.protocol === 'https:' ? 'wss' : 'ws';
    const socket = new WebSocket(`${scheme}://${location.host}/live`);
    socket.binaryType = 'arraybuffer';
    this.socket = socket;
    socket.onopen = () => {
      this.pause = 250;
      this.connections++;
      this.onstate('connected');
      for (const each of this.openers.splice(0)) each();
    };
    socket.onmessage = (event) => {
      const reply = typeof event.data === 'string' ? JSON.parse(event.data) : decode(event.data);
      const waiting = this.waiting.get(reply.id);
      if (!waiting) return;
      this.waiting.delete(reply.id);
      if (reply.error === undefined) waiting.resolve(reply);
      else waiting.reject(Object.assign(new Refused(reply.error), { missing: reply.missing === true }));
    };
    socket.onclose = () => {
      this.onstate('disconnected');
      const lost = [...this.waiting.values()];
      this.waiting.clear();
      for (const each of lost) each.reject(new Disconnected('the connection is lost'));
      setTimeout(() => this.open(), this.pause);
      this.pause = Math.min(2 * this.pause, 4000);
    };
  }

  // Resolves once there is a connection.
  connected() {
    if (this.socket.readyState === WebSocket.OPEN) return Promise.resolve();
    return new Promise((resolve) => this.openers.push(resolve));
  }

  ask(request) {
    if (this.socket.readyState !== WebSocket.OPEN) return Promise.reject(new Disconnected('there is no connection'));
    const id = this.next++;
    return new Promise((resolve, reject) => {
      this.waiting.set(id, { resolve, reject });
      this.socket.send(JSON.stringify({ ...request, id }));
    });
  }
}
