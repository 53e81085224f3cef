// Spectrum and spectrogram of a channel, over what is in sight.
import uPlot from 'uplot';
import { color, curveColor, element, value } from './dom.js';
import { highest, power } from './fft.js';
import { Disconnected, Refused } from './link.js';

const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const decibel = (number) => 10 * Math.log10(Math.max(number, 1e-20));

class Spectral {
  constructor(view, place, title) {
    this.view = view;
    this.alive = true;
    this.words = element('span', { className: 'soft', role: 'status' });
    this.section = element('section', { className: 'panel' }, element('h2', {}, title, ' ', this.words));
    place.append(this.section);
    this.run();
  }

  stop() {
    this.alive = false;
    this.plot?.destroy();
    this.section.remove();
  }

  async run() {
    let before = '';
    await sleep(0); // until the constructor is through
    while (this.alive) {
      const { main, of } = this.view;
      const key = main.info?.values ? [of, main.range.start, main.range.end, main.written, main.epoch].join() : '';
      if (key !== before && key !== '') {
        before = key;
        try {
          await this.refresh(main, Math.min(of, main.info.channel_list.length - 1));
        } catch (error) {
          if (!(error instanceof Disconnected || error instanceof Refused)) throw error;
          before = '';
          await main.link.connected();
        }
      }
      await sleep(300);
    }
  }

  // The samples in sight that the ring has.
  span(main) {
    const start = Math.max(main.oldest, Math.floor(main.range.start));
    const end = Math.min(main.written, Math.ceil(main.range.end));
    return [start, Math.max(start, end)];
  }
}

export class Spectrum extends Spectral {
  constructor(view, place) {
    super(view, place, 'Spectrum');
    this.place = element('div', { role: 'img', 'aria-label': 'spectrum' });
    this.section.append(this.place);
  }

  async refresh(main, channel) {
    const [start, end] = this.span(main);
    const size = 2 ** Math.floor(Math.log2(Math.min(32768, end - start)));
    if (!(size >= 16)) {
      this.words.textContent = 'too few samples in sight';
      return;
    }
    const count = Math.max(1, Math.min(16, 262144 / size, Math.floor((2 * (end - start)) / size) - 1));
    const step = count > 1 ? Math.floor((end - start - size) / (count - 1)) : 0;
    const reply = await main.link.ask({
      op: 'pieces', ring: main.name, start: end - size - step * (count - 1), length: size, step, count, channels: [channel],
    });
    if (!this.alive) return;
    const sum = new Float64Array(size / 2);
    let added = 0;
    for (let piece = 0; piece < count; piece++) {
      const each = power(reply.values, piece * size, size);
      if (!each) continue;
      added++;
      for (let i = 0; i < sum.length; i++) sum[i] += each[i];
    }
    if (added === 0) {
      this.words.textContent = 'samples are missing';
      return;
    }
    const rate = main.info.sample_rate || 1;
    const unit = main.info.sample_rate > 0 ? 'Hz' : 'cycles a sample';
    const { scale } = main.scaling(channel);
    this.lines = Float64Array.from(sum, (each) => (each / added) * scale * scale);
    const peak = highest(this.lines);
    this.peak = peak === null ? null : (peak * rate) / size;
    const name = main.info.channel_list[channel].name;
    this.words.textContent = `${name}: highest ${this.peak === null ? '-' : value(this.peak)} ${unit}, ${count} x ${size} samples`;
    const xs = Array.from(this.lines, (each, i) => (i * rate) / size);
    this.show(xs, Array.from(this.lines, decibel), channel, unit);
  }

  show(xs, ys, channel, unit) {
    const width = Math.max(200, this.place.clientWidth);
    if (!this.plot || this.shown !== `${channel} ${color('--back')}`) {
      this.plot?.destroy();
      this.shown = `${channel} ${color('--back')}`;
      const axis = { stroke: color('--soft'), grid: { stroke: color('--line'), width: 1 }, ticks: { stroke: color('--line') } };
      this.plot = new uPlot(
        {
          width,
          height: 220,
          legend: { show: false },
          cursor: { drag: { x: false, y: false } },
          scales: { x: { time: false } },
          axes: [{ ...axis, values: (plot, splits) => splits.map((each) => `${value(each)} ${unit === 'Hz' ? unit : ''}`) }, { ...axis, size: 72, label: 'dB', labelSize: 16 }],
          series: [{}, { stroke: curveColor(channel), width: 1, points: { show: false } }],
        },
        [xs, ys],
        this.place,
      );
    } else {
      if (this.plot.width !== width) this.plot.setSize({ width, height: 220 });
      this.plot.setData([xs, ys]);
    }
  }
}

// Black, blue, red, yellow, white.
const stops = [[0, 0, 4], [60, 15, 110], [165, 45, 95], [240, 110, 40], [252, 255, 165]];
function heat(part) {
  const at = Math.max(0, Math.min(0.9999, part)) * (stops.length - 1);
  const low = Math.floor(at);
  return stops[low].map((each, i) => each + (at - low) * (stops[low + 1][i] - each));
}

export class Spectrogram extends Spectral {
  constructor(view, place) {
    super(view, place, 'Spectrogram');
    this.canvas = element('canvas', { className: 'spectrogram', role: 'img', 'aria-label': 'spectrogram' });
    this.section.append(this.canvas);
  }

  async refresh(main, channel) {
    const [start, end] = this.span(main);
    const count = 300;
    const size = 2 ** Math.floor(Math.log2(Math.max(1, Math.min(1024, (end - start) / 8))));
    if (!(size >= 16)) {
      this.words.textContent = 'too few samples in sight';
      return;
    }
    // As wide as the curves above, also where the ring has nothing.
    const from = Math.floor(main.range.start);
    const step = Math.max(1, Math.floor((main.range.end - from) / count));
    const columns = Math.min(count, Math.ceil((main.range.end - from) / step));
    const reply = await main.link.ask({
      op: 'pieces', ring: main.name, start: from - (size >> 1), length: size, step, count: columns, channels: [channel],
    });
    if (!this.alive) return;
    const powers = [];
    let [low, high] = [Infinity, -Infinity];
    for (let column = 0; column < columns; column++) {
      const each = power(reply.values, column * size, size)?.map(decibel) ?? null;
      powers.push(each);
      for (const line of each ?? []) high = Math.max(high, line);
    }
    low = high - 80;
    this.powers = powers;
    const rate = main.info.sample_rate;
    const name = main.info.channel_list[channel].name;
    this.words.textContent = `${name}: 0 to ${rate > 0 ? `${value(rate / 2)} Hz` : 'half the rate'}, upwards; the highest 80 dB`;
    const lines = size / 2;
    const image = new ImageData(columns, lines);
    powers.forEach((each, column) => {
      if (!each) return;
      for (let line = 0; line < lines; line++) {
        const at = 4 * ((lines - 1 - line) * columns + column);
        const [red, green, blue] = heat((each[line] - low) / (high - low));
        image.data.set([red, green, blue, 255], at);
      }
    });
    const { canvas } = this;
    canvas.width = columns;
    canvas.height = lines;
    canvas.getContext('2d').putImageData(image, 0, 0);
    const box = main.curves?.plot.bbox;
    if (box) { // under the curves' own time axis
      canvas.style.marginLeft = `${box.left / devicePixelRatio}px`;
      canvas.style.width = `${box.width / devicePixelRatio}px`;
    }
  }
}
