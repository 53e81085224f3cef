// All that a ring holds, a pixel a column, with a frame around what is in sight.
import { Columns, width_for } from './columns.js';
import { color, curveColor, element } from './dom.js';
import { Disconnected, Refused } from './link.js';

const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

export class Overview {
  constructor(view, place) {
    this.view = view;
    this.alive = true;
    this.store = null;
    this.canvas = element('canvas', { className: 'overview', role: 'img', 'aria-label': 'all that the ring holds; drag to move' });
    place.append(this.canvas);
    const move = (event) => {
      if (!(event.buttons & 1) || !this.held) return;
      const box = this.canvas.getBoundingClientRect();
      const [start, end] = this.held;
      view.look_at(start + ((event.clientX - box.left) / box.width) * (end - start));
    };
    this.canvas.addEventListener('pointerdown', (event) => {
      this.canvas.setPointerCapture(event.pointerId);
      move(event);
    });
    this.canvas.addEventListener('pointermove', move);
    this.run();
  }

  stop() {
    this.alive = false;
  }

  async run() {
    await sleep(0);
    while (this.alive) {
      const { main } = this.view;
      try {
        if (main?.info?.values && main.written > main.oldest) await this.refresh(main);
        await sleep(this.ready ? 300 : 50);
      } catch (error) {
        if (!(error instanceof Disconnected || error instanceof Refused)) throw error;
        this.store = null;
        await sleep(300);
        await main.link.connected();
      }
    }
  }

  async refresh(main) {
    const pixels = Math.max(200, this.canvas.clientWidth);
    const width = width_for(Math.min(main.info.capacity, main.written - main.oldest), pixels);
    const key = `${width} ${main.channels} ${main.epoch} ${main.info.ring_id}`;
    if (!this.store || this.key !== key) {
      this.store = new Columns(width, [...main.channels], 4 * pixels);
      this.key = key;
      this.ready = false;
    }
    const { store } = this;
    const end = Math.ceil(main.written / width);
    const [from] = store.missing(Math.floor(main.oldest / width), end);
    const reply = await main.link.ask(main.request({ width, channels: store.channels, from, to: end, after: -1 }));
    if (reply.epoch !== main.epoch || this.store !== store) return;
    store.put(reply, from);
    this.ready = !reply.cut && !reply.filling;
    this.reply = reply;
    this.draw(main);
  }

  draw(main) {
    const { canvas, store } = this;
    if (!store) return;
    const scale = devicePixelRatio || 1;
    canvas.width = Math.max(200, canvas.clientWidth) * scale;
    canvas.height = canvas.clientHeight * scale;
    const context = canvas.getContext('2d');
    const [start, end] = [main.oldest, Math.max(main.oldest + 1, main.written)];
    this.held = [start, end];
    const x = (index) => ((index - start) / (end - start)) * canvas.width;
    store.channels.forEach((channel, which) => {
      let [low, high] = [Infinity, -Infinity];
      const there = [];
      for (let column = Math.floor(start / store.width); column * store.width < end; column++) {
        const at = store.at(column);
        if (store.shown[at] !== column || Number.isNaN(store.least[which][at])) continue;
        there.push([column, store.least[which][at], store.most[which][at]]);
        low = Math.min(low, store.least[which][at]);
        high = Math.max(high, store.most[which][at]);
      }
      const size = high > low ? (canvas.height - 4) / (high - low) : 0;
      const y = (value) => (size ? canvas.height - 2 - (value - low) * size : canvas.height / 2);
      context.fillStyle = curveColor(channel);
      context.globalAlpha = which === 0 ? 0.9 : 0.45;
      const thick = Math.max(1, (store.width / (end - start)) * canvas.width);
      for (const [column, least, most] of there) {
        context.fillRect(x(column * store.width), y(most), thick, Math.max(scale, y(least) - y(most)));
      }
    });
    context.globalAlpha = 1;
    context.strokeStyle = color('--fore');
    context.lineWidth = 2 * scale;
    const left = x(main.range.start);
    context.strokeRect(left, 1, Math.max(2 * scale, x(main.range.end) - left), canvas.height - 2);
  }
}
