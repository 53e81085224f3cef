// One ring in the view: what is known of it, the columns that have come, and its curves.
import { Columns, width_for } from './columns.js';
import { Curves } from './curves.js';
import { element, state_names } from './dom.js';
import { Disconnected, Refused } from './link.js';
import { Times } from './times.js';

const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));
const far = Number.MAX_SAFE_INTEGER;

export class Panel {
  // `listener`: learned(panel) when the ring is known, or another one; point(panel, index or null) for the cursor.
  constructor(link, name, place, listener, options) {
    this.link = link;
    this.name = name;
    this.listener = listener;
    this.alive = true;
    this.info = null;
    this.channels = options.channels;
    this.y = options.y;
    this.lanes = options.lanes;
    this.height = options.height;
    this.range = { start: 0, end: 1 };
    this.written = 0;
    this.oldest = 0;
    this.state = 0;
    this.lost = 0;
    this.width = 1;
    this.filling = false;
    this.times = new Times(0);
    this.store = null;
    this.received = { replies: 0, bytes: 0 };
    this.marks = () => [];
    this.wake = () => {};
    this.dirty = true;
    this.title = element('span');
    this.facts = element('span', { className: 'soft', role: 'status' });
    this.plot_place = element('div', { className: 'plot', tabIndex: 0, role: 'img' });
    place.append(element('section', { className: 'panel' }, element('h2', {}, this.title, ' ', this.facts), this.plot_place));
    this.title.textContent = name;
    this.section = this.plot_place.parentElement;
    this.run();
  }

  stop() {
    this.alive = false;
    this.curves?.plot.destroy();
    this.section.remove();
    this.wake();
  }

  onpoint(index) {
    this.listener.point(this, index);
  }

  scaling(channel) {
    const each = this.info.channel_list[channel];
    return this.info.complex ? { scale: Math.abs(each.scale), offset: 0 } : each;
  }

  // Does something with the server again and again, whatever becomes of the connection and the ring.
  async again(what) {
    while (this.alive) {
      try {
        await what();
      } catch (error) {
        if (error instanceof Disconnected) {
          this.epoch = -1; // the server may be another one, which counts anew
          await this.link.connected();
        } else if (error instanceof Refused) {
          this.facts.textContent = error.message;
          this.facts.className = 'bad';
          await sleep(500);
        } else {
          throw error;
        }
      }
    }
  }

  run() {
    this.again(() => this.tail());
    this.again(() => this.fill());
    this.again(() => this.learn_times());
  }

  async learn() {
    const { info } = await this.link.ask({ op: 'info', ring: this.name });
    const other = this.info === null || this.info.ring_id !== info.ring_id;
    this.info = info;
    this.epoch = info.epoch;
    this.times.rate = info.sample_rate;
    if (other) {
      this.times = new Times(info.sample_rate);
      this.written = Number(BigInt(info.written) - BigInt(info.first_index));
      this.oldest = Number(BigInt(info.oldest) - BigInt(info.first_index));
    }
    this.state = state_names.indexOf(info.state);
    const all = info.channel_list.length;
    this.channels = (this.channels ?? [...Array(Math.min(8, all)).keys()]).filter((each) => each >= 0 && each < all);
    this.store = null;
    this.listener.learned(this, other);
    this.rebuild();
  }

  rebuild() {
    if (!this.info?.values || !this.alive) return;
    this.renew_store();
    if (this.curves) this.curves.build();
    else this.curves = new Curves(this, this.plot_place);
    this.dirty = true;
    this.wake();
  }

  pixels() {
    return Math.max(200, this.plot_place.clientWidth - 90);
  }

  set_range(start, end) {
    if (start === this.range.start && end === this.range.end) return;
    this.range = { start, end };
    this.dirty = true;
    if (this.info?.values) this.renew_store();
  }

  renew_store() {
    const width = width_for(this.range.end - this.range.start, this.pixels());
    const { store } = this;
    const same = store !== null && store.width === width && store.channels.join() === this.channels.join();
    if (!same) {
      const count = Math.ceil((this.range.end - this.range.start) / width);
      this.store = new Columns(width, [...this.channels], Math.max(8192, 4 * count));
      this.width = width;
    }
    const [first, last] = this.wanted();
    if (first < last) this.wake();
  }

  // The columns in sight that are complete in the ring and have not come yet.
  wanted() {
    const { store } = this;
    const from = Math.max(0, Math.floor(this.oldest / store.width), Math.floor(this.range.start / store.width) - 1);
    const to = Math.min(Math.floor(this.written / store.width), Math.ceil(this.range.end / store.width) + 1);
    return store.missing(from, Math.max(from, to));
  }

  took(reply) {
    this.received.replies++;
    this.received.bytes += reply.bytes;
    this.dirty = true;
    if (reply.epoch !== this.epoch) return false;
    this.written = reply.written;
    this.oldest = reply.oldest;
    this.state = reply.state;
    this.lost = reply.lost;
    this.filling = reply.filling;
    this.newest_ms = reply.newest_ms;
    return true;
  }

  request(more) {
    const { store } = this;
    return { op: 'columns', ring: this.name, width: store.width, channels: store.channels, state: this.state, epoch: this.epoch, ...more };
  }

  // What comes: one request after another, each of which waits until there is something new.
  async tail() {
    if (this.info === null || this.epoch === -1) await this.learn();
    if (!this.info.values) {
      await sleep(500);
      return this.learn();
    }
    const { store } = this;
    const complete = Math.floor(this.written / store.width);
    const inside = complete * store.width < 2 * this.range.end - this.range.start; // in sight, or soon
    const from = inside ? complete : far;
    const reply = await this.link.ask(this.request({ from, to: inside ? far : from, after: this.written }));
    const known = this.took(reply);
    if (!known) return this.learn();
    store.put(reply, inside ? from : reply.start);
    if (reply.cut) this.wake();
    await frame();
  }

  // What is in sight and has not come yet.
  async fill() {
    const { store } = this;
    const [from, to] = store === null || this.epoch === -1 ? [0, 0] : this.wanted();
    if (from >= to) {
      await new Promise((resolve) => (this.wake = resolve));
      return;
    }
    const reply = await this.link.ask(this.request({ from, to, after: -1 }));
    if (!this.took(reply)) return sleep(50); // tail() learns of the other ring
    store.put(reply, from);
    if (reply.filling) await sleep(100);
  }

  async learn_times() {
    if (this.info?.values) {
      const { start, end } = this.range;
      const reply = await this.link.ask({
        op: 'times', ring: this.name, start: Math.max(0, Math.floor(start)), end: Math.max(1, Math.ceil(end)), count: 33,
      });
      this.times.set(reply.times);
      this.dirty = true;
    }
    await sleep(this.times.known ? 400 : 50);
  }

  // Called once a frame.
  draw() {
    if (!this.dirty || !this.curves || !this.store) return;
    this.dirty = false;
    this.curves.resize();
    this.curves.draw();
    const name = state_names[this.state];
    const lost = this.lost > 0 ? `, ${this.lost} samples were overwritten before they were seen` : '';
    const text = `${name === 'dead' ? 'DEAD' : name}, ${String(BigInt(this.info.first_index) + BigInt(this.written))} written${lost}`;
    if (this.facts.textContent !== text) this.facts.textContent = text;
    this.facts.className = name === 'dead' ? 'bad' : 'soft';
    this.plot_place.setAttribute('aria-label', `curves of ${this.name}, ${this.channels.length} channels; the table has their values`);
  }

  // What the picture has at that index: for each channel least and most of the column, or null.
  at(index) {
    const { store } = this;
    if (!store) return [];
    const column = Math.floor(index / store.width);
    const at = store.at(column);
    return store.channels.map((channel, which) => {
      if (store.shown[at] !== column || Number.isNaN(store.least[which][at])) return null;
      const { scale, offset } = this.scaling(channel);
      const [a, b] = [store.least[which][at] * scale + offset, store.most[which][at] * scale + offset];
      return a <= b ? [a, b] : [b, a];
    });
  }
}
