// The view of a ring: its curves, those of other rings at the same time, and what is computed of them. What is in sight is
// [end - span, end) of the first ring's samples; while it follows, the end is the newest sample.
import { clock, duration, element, value } from './dom.js';
import { write_hash } from './hash.js';
import { Messages } from './messages.js';
import { Overview } from './overview.js';
import { Panel } from './panel.js';
import { save } from './save.js';
import { Spectrogram, Spectrum } from './spectra.js';

export class RingView {
  constructor(link, place, wish) {
    this.link = link;
    this.alive = true;
    this.name = wish.ring;
    this.span = wish.span; // samples; null until the ring is known
    this.end = wish.end;
    this.follow = wish.end === null;
    this.of = wish.of;
    this.pointed = null;
    this.head = 0;
    this.rate = 0;
    this.others = [];
    this.messages = [];
    this.lay_out(place, wish);
    this.main = new Panel(link, wish.ring, this.curves_place, this.listener(true), {
      channels: wish.channels, y: wish.y, lanes: wish.lanes, height: 320,
    });
    this.overview = new Overview(this, this.overview_place);
    this.listen(this.main.plot_place);
    for (const each of wish.beside) this.add(each);
    if (wish.spectrum) this.toggle_spectrum(true);
    if (wish.spectrogram) this.toggle_spectrogram(true);
    const draw = (now) => {
      if (!this.alive) return;
      this.frame(now);
      requestAnimationFrame(draw);
    };
    requestAnimationFrame(draw);
    this.fill_rings();
  }

  stop() {
    this.alive = false;
    for (const each of [this.main, ...this.others, ...this.messages, this.overview, this.spectrum, this.spectrogram]) each?.stop();
  }

  listener(first) {
    return {
      learned: (panel, other) => {
        if (!first) return this.other_learned(panel);
        const { info } = panel;
        if (info.messages) this.show_messages_alone(panel);
        if (other && info.values) {
          const held = Number(info.capacity);
          if (this.span === null) this.span = Math.min(held, info.sample_rate > 0 ? 10 * info.sample_rate : held);
          this.head = panel.written;
          if (!this.follow && (this.end > panel.written + this.span || this.end < panel.oldest)) this.set_follow(true);
        }
        this.fill_channels();
        return undefined;
      },
      point: (panel, index) => {
        this.pointed = index === null ? null : { panel, index };
        this.point_moved = true;
      },
    };
  }

  // --- what is where ---------------------------------------------------------------------------------------------------
  lay_out(place, wish) {
    const button = (text, label, what, pressed) =>
      element('button', { type: 'button', title: label, 'aria-label': label, onclick: what, ...(pressed === undefined ? {} : { 'aria-pressed': String(pressed) }) }, text);
    this.pause_button = button('Pause', 'pause, or follow the newest samples (space)', () => this.set_follow(!this.follow), !this.follow);
    this.lanes_button = button('Lanes', 'a lane for each channel (l)', () => this.set_lanes(!this.main.lanes), wish.lanes);
    this.auto_button = button('Autoscale', 'scale to what is in sight (a)', () => this.set_y(null), wish.y === null);
    this.spectrum_button = button('Spectrum', 'spectrum of a channel (s)', () => this.toggle_spectrum(!this.spectrum), false);
    this.spectrogram_button = button('Spectrogram', 'spectrogram of a channel (g)', () => this.toggle_spectrogram(!this.spectrogram), false);
    this.low = element('input', { type: 'number', step: 'any', id: 'y-low', 'aria-label': 'lowest value', onchange: () => this.read_y() });
    this.high = element('input', { type: 'number', step: 'any', id: 'y-high', 'aria-label': 'highest value', onchange: () => this.read_y() });
    if (wish.y) [this.low.value, this.high.value] = wish.y;
    this.channel_select = element('select', { 'aria-label': 'channel of spectrum and spectrogram', onchange: () => this.set_of(Number(this.channel_select.value)) });
    this.ring_select = element('select', { 'aria-label': 'show another ring at the same time', onchange: () => {
      if (this.ring_select.value) this.add(this.ring_select.value);
      this.ring_select.value = '';
    } });
    this.saved = element('span', { className: 'soft', role: 'status' });
    const saving = (format) => button(format === 'npy' ? 'npy' : format.toUpperCase(), `download what is in sight as ${format}`, () =>
      save(this.main, format, (text) => (this.saved.textContent = text)).catch((error) => (this.saved.textContent = error.message)));
    this.status = element('p', { role: 'status', className: 'note', id: 'cursor' });
    this.curves_place = element('div');
    this.overview_place = element('div');
    this.more_place = element('div');
    this.channel_body = element('tbody');
    const heads = ['', 'Channel', 'Unit', 'At the cursor', 'Least in sight', 'Most in sight'];
    place.replaceChildren(
      element(
        'div', { className: 'bar', role: 'toolbar', 'aria-label': 'view' },
        this.pause_button,
        button('+', 'zoom in (+)', () => this.zoom(0.5, 1)), button('\u2212', 'zoom out (-)', () => this.zoom(2, 1)),
        button('\u2190', 'earlier (left arrow)', () => this.pan(-0.25)), button('\u2192', 'later (right arrow)', () => this.pan(0.25)),
        button('All', 'all that the ring holds (Home)', () => this.show_all()),
        this.lanes_button, this.auto_button,
        element('label', {}, 'from', this.low), element('label', {}, 'to', this.high),
        this.spectrum_button, this.spectrogram_button, this.channel_select, this.ring_select,
        'Download', saving('csv'), saving('npy'), saving('wav'), this.saved,
      ),
      this.status, this.curves_place, this.overview_place, this.more_place,
      element('h2', { id: 'channels-title' }, 'Channels'),
      element('div', { className: 'channels', tabIndex: 0 }, element('table', { 'aria-labelledby': 'channels-title' },
        element('thead', {}, element('tr', {}, ...heads.map((each) => element('th', { scope: 'col' }, each)))), this.channel_body)),
      element('p', { className: 'soft' }, 'Wheel or pinch: zoom. Drag, arrows: move. Space: pause. Home: all. End: newest. a: autoscale. l: lanes. s, g: spectrum, spectrogram.'),
    );
  }

  show_messages_alone(panel) {
    if (panel.info.beside && !this.redirected) { // the ring whose samples the messages belong to comes first
      this.redirected = true;
      write_hash({ ...this.state(), ring: panel.info.beside, beside: [panel.name], span: null, end: null });
      dispatchEvent(new HashChangeEvent('hashchange'));
      return;
    }
    if (!this.messages.some((each) => each.name === panel.name)) this.add_messages(panel.name);
  }

  async fill_rings() {
    let after = 0;
    while (this.alive) {
      try {
        const reply = await this.link.ask({ op: 'list', after });
        after = reply.number;
        const names = reply.rings.map((each) => each.name).filter((each) => each !== this.name);
        if (names.join() !== this.ring_names) {
          this.ring_names = names.join();
          this.ring_select.replaceChildren(element('option', { value: '' }, 'Add a ring'), ...names.map((each) => element('option', { value: each }, each)));
        }
      } catch {
        after = 0;
        await this.link.connected();
      }
      await new Promise((resolve) => setTimeout(resolve, 2000));
    }
  }

  fill_channels() {
    const { info } = this.main;
    this.cells = [];
    this.channel_body.replaceChildren(
      ...info.channel_list.map((each, number) => {
        const box = element('input', { type: 'checkbox', checked: this.main.channels.includes(number), 'aria-label': `show ${each.name}`, onchange: () => this.choose(number, box.checked) });
        const cells = [element('td'), element('td'), element('td')];
        this.cells.push(cells);
        return element('tr', {}, element('td', {}, box), element('th', { scope: 'row' }, element('span', { className: `key key${number % 8}` }), ' ', each.name), element('td', { className: 'words' }, each.unit === '1' ? '' : each.unit), ...cells);
      }),
    );
    this.channel_select.replaceChildren(...info.channel_list.map((each, number) => element('option', { value: number }, each.name)));
    this.of = Math.min(this.of, Math.max(0, info.channel_list.length - 1));
    this.channel_select.value = String(this.of);
  }

  // --- what a person does ----------------------------------------------------------------------------------------------
  listen(place) {
    place.addEventListener('wheel', (event) => {
      event.preventDefault();
      if (event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY)) this.pan((event.deltaX || event.deltaY) / 1000);
      else this.zoom(1.0015 ** event.deltaY, this.part_at(event.clientX));
    }, { passive: false });
    const pointers = new Map();
    place.addEventListener('pointerdown', (event) => {
      pointers.set(event.pointerId, event.clientX);
      place.setPointerCapture(event.pointerId);
    });
    place.addEventListener('pointermove', (event) => {
      if (!pointers.has(event.pointerId)) return;
      const before = pointers.get(event.pointerId);
      const pixels = this.main.pixels();
      if (pointers.size === 1) {
        if (event.clientX !== before) this.pan((before - event.clientX) / pixels);
      } else if (pointers.size === 2) {
        const [other] = [...pointers].filter(([id]) => id !== event.pointerId).map(([, x]) => x);
        const [from, to] = [Math.abs(before - other), Math.abs(event.clientX - other)];
        if (from > 4 && to > 4) this.zoom(from / to, this.part_at((other + event.clientX) / 2));
      }
      pointers.set(event.pointerId, event.clientX);
    });
    for (const name of ['pointerup', 'pointercancel']) place.addEventListener(name, (event) => pointers.delete(event.pointerId));
    this.onkey = (event) => {
      if (!this.alive) return removeEventListener('keydown', this.onkey);
      if (event.ctrlKey || event.metaKey || event.altKey || /^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName)) return undefined;
      if (event.key === ' ' && event.target.tagName === 'BUTTON') return undefined;
      const what = {
        ' ': () => this.set_follow(!this.follow),
        ArrowLeft: () => this.pan(-0.1), ArrowRight: () => this.pan(0.1),
        '+': () => this.zoom(0.5, 0.5), '=': () => this.zoom(0.5, 0.5), '-': () => this.zoom(2, 0.5),
        Home: () => this.show_all(), End: () => this.set_follow(true),
        a: () => this.set_y(null), l: () => this.set_lanes(!this.main.lanes),
        s: () => this.toggle_spectrum(!this.spectrum), g: () => this.toggle_spectrogram(!this.spectrogram),
      }[event.key];
      if (what) {
        event.preventDefault();
        what();
      }
      return undefined;
    };
    addEventListener('keydown', this.onkey);
  }

  part_at(x) {
    const plot = this.main.curves?.plot;
    if (!plot) return 0.5;
    const box = plot.over.getBoundingClientRect();
    return Math.max(0, Math.min(1, (x - box.left) / box.width));
  }

  // Makes the span `factor` as long; the sample at that part of the picture stays where it is. While it follows, that is the newest.
  zoom(factor, part) {
    if (this.span === null) return;
    const before = this.span;
    const most = 2 * Math.max(16, this.main.written - this.main.oldest, this.main.info?.capacity ?? 0);
    this.span = Math.max(8, Math.min(most, before * factor));
    if (!this.follow) this.end += (1 - part) * (this.span - before);
    this.changed();
  }

  pan(part) {
    if (this.span === null) return;
    if (this.follow) this.set_follow(false);
    this.end += part * this.span;
    const [first, last] = [this.main.oldest, this.main.written];
    this.end = Math.max(first + 0.1 * this.span, Math.min(last + 0.9 * this.span, this.end));
    this.changed();
  }

  look_at(middle) {
    if (this.follow) this.set_follow(false);
    this.end = middle + this.span / 2;
    this.changed();
  }

  show_all() {
    this.set_follow(false);
    this.span = Math.max(8, this.main.written - this.main.oldest);
    this.end = this.main.written;
    this.changed();
  }

  set_follow(follow) {
    this.follow = follow;
    if (!follow) this.end = this.head;
    else this.head = this.main.written;
    this.pause_button.textContent = follow ? 'Pause' : 'Follow';
    this.pause_button.setAttribute('aria-pressed', String(!follow));
    this.changed();
  }

  each_panel(what) {
    for (const panel of [this.main, ...this.others]) what(panel);
    this.changed();
  }

  set_lanes(lanes) {
    this.lanes_button.setAttribute('aria-pressed', String(lanes));
    this.each_panel((panel) => {
      panel.lanes = lanes;
      panel.rebuild();
    });
  }

  set_y(y) {
    this.auto_button.setAttribute('aria-pressed', String(y === null));
    if (y === null) this.low.value = this.high.value = '';
    this.main.y = y;
    this.main.dirty = true;
    this.changed();
  }

  read_y() {
    const [low, high] = [this.low, this.high].map((each) => (each.value === '' ? NaN : Number(each.value)));
    if (low < high) this.set_y([low, high]);
  }

  choose(number, checked) {
    const chosen = new Set(this.main.channels);
    if (checked) chosen.add(number);
    else chosen.delete(number);
    this.main.channels = [...chosen].sort((a, b) => a - b);
    this.main.rebuild();
    this.changed();
  }

  set_of(channel) {
    this.of = channel;
    this.changed();
  }

  toggle_spectrum(on) {
    this.spectrum?.stop();
    this.spectrum = on ? new Spectrum(this, this.more_place) : null;
    this.spectrum_button.setAttribute('aria-pressed', String(on));
    this.changed();
  }

  toggle_spectrogram(on) {
    this.spectrogram?.stop();
    this.spectrogram = on ? new Spectrogram(this, this.more_place) : null;
    this.spectrogram_button.setAttribute('aria-pressed', String(on));
    this.changed();
  }

  add(name) {
    if (name === this.name || [...this.others, ...this.messages].some((each) => each.name === name)) return;
    const panel = new Panel(this.link, name, this.curves_place, this.listener(false), { channels: null, y: null, lanes: this.main?.lanes ?? false, height: 220 });
    panel.section.querySelector('h2').append(' ', element('button', { type: 'button', 'aria-label': `remove ${name}`, onclick: () => this.remove(panel) }, '\u00d7'));
    this.others.push(panel);
    this.listen_other(panel);
    this.changed();
  }

  listen_other(panel) {
    panel.plot_place.addEventListener('wheel', (event) => {
      event.preventDefault();
      this.zoom(1.0015 ** event.deltaY, this.part_at(event.clientX));
    }, { passive: false });
  }

  other_learned(panel) {
    if (!panel.info.messages) return;
    this.others = this.others.filter((each) => each !== panel);
    panel.stop();
    this.add_messages(panel.name);
  }

  add_messages(name) {
    const made = new Messages(this.link, name, this.more_place, () => (this.main.dirty = true));
    made.section.querySelector('h2').append(' ', element('button', { type: 'button', 'aria-label': `remove ${name}`, onclick: () => this.remove(made) }, '\u00d7'));
    this.messages.push(made);
    this.main.marks = () => this.messages.flatMap((each) => each.marks(this.main));
    this.changed();
  }

  remove(what) {
    what.stop();
    this.others = this.others.filter((each) => each !== what);
    this.messages = this.messages.filter((each) => each !== what);
    this.main.dirty = true;
    this.changed();
  }

  restyle() {
    for (const panel of [this.main, ...this.others]) panel.rebuild();
  }

  // --- what is drawn ---------------------------------------------------------------------------------------------------
  state() {
    return {
      ring: this.name,
      beside: [...this.others, ...this.messages].map((each) => each.name).filter((each) => each !== this.name),
      channels: this.main.channels,
      span: this.span,
      end: this.follow ? null : this.end,
      y: this.main.y,
      lanes: this.main.lanes,
      spectrum: Boolean(this.spectrum),
      spectrogram: Boolean(this.spectrogram),
      of: this.of,
    };
  }

  changed() {
    clearTimeout(this.writing);
    this.writing = setTimeout(() => {
      if (this.alive && this.main.info?.values) write_hash(this.state());
    }, 150);
  }

  // The end of the picture runs evenly, although samples come in blocks of any size.
  advance(now) {
    const { main } = this;
    const seconds = Math.min(0.2, (now - (this.last ?? now)) / 1000);
    this.last = now;
    if (this.measured === undefined || now - this.measured.now > 1000) {
      if (this.measured && main.written >= this.measured.written) {
        this.rate = ((main.written - this.measured.written) * 1000) / (now - this.measured.now);
      }
      this.measured = { now, written: main.written };
    }
    if (main.state !== 1 || Math.abs(main.written - this.head) > this.span) {
      this.head = main.written;
    } else {
      const rate = this.rate || main.info.sample_rate;
      this.head += rate * seconds;
      this.head += (main.written - this.head) * Math.min(1, 4 * seconds);
      this.head = Math.min(this.head, main.written);
    }
    if (this.follow) this.end = this.head;
  }

  frame(now) {
    const { main } = this;
    if (!main.info?.values || this.span === null) return;
    this.advance(now);
    const start = this.end - this.span;
    main.set_range(start, this.end);
    const drawn = main.dirty;
    main.draw();
    for (const panel of this.others) {
      if (!panel.info?.values) continue;
      if (main.times.known && panel.times.known) {
        panel.set_range(panel.times.index_at(main.times.ms_at(start)), panel.times.index_at(main.times.ms_at(this.end)));
      } else if (!panel.times.known) {
        panel.set_range(Math.max(0, panel.written - this.span), Math.max(1, panel.written));
      }
      panel.draw();
    }
    if (drawn || this.point_moved) this.tell(now);
    if (drawn) this.overview.draw(main);
  }

  tell(now) {
    if (now - (this.told ?? 0) < 100) return;
    this.told = now;
    this.point_moved = false;
    const { main, pointed } = this;
    const index = pointed === null ? null : pointed.panel === main || !pointed.panel.times.known ? pointed.index : main.times.index_at(pointed.panel.times.ms_at(pointed.index));
    const values = index === null ? [] : main.at(index);
    const rate = main.info.sample_rate;
    let text = `${rate > 0 ? duration(this.span / rate) : `${Math.round(this.span)} samples`} in sight`;
    if (index !== null) {
      const when = main.times.known ? `, ${clock(main.times.ms_at(index), 0.1)}` : '';
      text += `; cursor at index ${String(BigInt(main.info.first_index) + BigInt(Math.floor(index)))}${when}`;
    }
    if (this.status.textContent !== text) this.status.textContent = text;
    this.cells?.forEach((cells, channel) => {
      const which = main.channels.indexOf(channel);
      const extent = main.curves?.extents[which];
      const pair = values[which];
      const texts = [
        !pair ? '-' : pair[0] === pair[1] ? value(pair[0]) : `${value(pair[0])} \u2026 ${value(pair[1])}`,
        value(extent?.[0]), value(extent?.[1]),
      ];
      texts.forEach((each, at) => {
        if (cells[at].textContent !== each) cells[at].textContent = each;
      });
    });
  }
}
