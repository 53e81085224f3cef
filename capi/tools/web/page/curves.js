// The curves of one ring: uPlot, which draws what columns.js has.
import uPlot from 'uplot';
import { clock, color, curveColor, value } from './dom.js';

const time_steps = [1, 2, 5].flatMap((each) => [-3, -2, -1, 0, 1, 2].map((power) => each * 10 ** power)).concat(
  [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1800, 3600, 7200, 21600, 43200, 86400].map((seconds) => seconds * 1000),
);
time_steps.sort((a, b) => a - b);

// Where the time axis has its marks, as indices.
function time_splits(times, from, to, pixels) {
  const [first, last] = [times.ms_at(from), times.ms_at(to)];
  const wanted = (last - first) / Math.max(2, pixels / 120);
  const step = time_steps.find((each) => each >= wanted) ?? Math.ceil(wanted / 86400000) * 86400000;
  const splits = [];
  const labels = [];
  const zone = new Date(first).getTimezoneOffset() * 60000;
  let free = -Infinity; // samples that were put at once lie close together in time
  for (let ms = Math.ceil((first - zone) / step) * step + zone; ms <= last && splits.length < 50; ms += step) {
    const index = times.index_at(ms);
    if (index < free) continue;
    free = index + ((to - from) * 85) / pixels;
    splits.push(index);
    labels.push(clock(ms, step));
  }
  return { splits, labels };
}

export class Curves {
  // `panel` has info, times, range, channels, y, lanes and marks; see panel.js.
  constructor(panel, place) {
    this.panel = panel;
    this.place = place;
    this.plot = null;
    this.data = [[]];
    this.extents = [];
    this.build();
  }

  unit(channel) {
    return this.panel.info.channel_list[channel].unit;
  }

  build() {
    this.plot?.destroy();
    const { panel } = this;
    const soft = color('--soft');
    const line = color('--line');
    const axis = { stroke: soft, grid: { stroke: line, width: 1 }, ticks: { stroke: line, width: 1 }, font: '12px system-ui' };
    const units = panel.lanes ? ['lanes'] : [...new Set(panel.channels.map((each) => this.unit(each)))];
    if (units.length === 0) units.push('1');
    const scales = { x: { time: false, range: () => [panel.range.start, panel.range.end] } };
    for (const unit of units) {
      scales[`y ${unit}`] = {
        range: (plot, least, most) => {
          if (panel.lanes) return [0, Math.max(1, panel.channels.length)];
          if (panel.y) return panel.y;
          if (least === null || most === null) return [-1, 1];
          const room = most > least ? 0.05 * (most - least) : Math.abs(most) || 1;
          return [least - room, most + room];
        },
      };
    }
    let time = { splits: [], labels: [] };
    const first = BigInt(panel.info.first_index);
    const axes = [
      {
        ...axis,
        splits: (plot) => {
          if (!panel.times.known) return [];
          time = time_splits(panel.times, panel.range.start, panel.range.end, plot.bbox.width / devicePixelRatio);
          return time.splits;
        },
        values: () => time.labels,
        space: 20,
      },
      {
        ...axis,
        scale: 'x',
        side: 0,
        size: 28,
        grid: { show: false },
        space: 130,
        values: (plot, splits) => splits.map((each) => (Number.isInteger(each) ? String(first + BigInt(each)) : '')),
      },
    ];
    units.forEach((unit, at) => {
      axes.push({
        ...axis,
        scale: `y ${unit}`,
        side: at % 2 === 0 ? 3 : 1,
        show: at < 2,
        size: 72,
        label: panel.lanes || unit === '1' ? undefined : unit,
        labelSize: 16,
        labelFont: '12px system-ui',
        grid: at === 0 ? axis.grid : { show: false },
        ...(panel.lanes
          ? {
              splits: () => panel.channels.map((each, lane) => panel.channels.length - lane - 0.5),
              values: () => panel.channels.map((each) => panel.info.channel_list[each].name.slice(0, 10)),
            }
          : { values: (plot, splits) => splits.map(value) }),
      });
    });
    const shows = (plot, series, from, to) => panel.width === 1 && (to - from) * 8 < plot.bbox.width / devicePixelRatio;
    const series = panel.channels.map((channel) => ({
      scale: panel.lanes ? 'y lanes' : `y ${this.unit(channel)}`,
      stroke: curveColor(channel),
      width: 1,
      points: { show: shows, size: 5 },
    }));
    this.plot = new uPlot(
      {
        width: Math.max(200, this.place.clientWidth),
        height: panel.height,
        pxAlign: 0,
        legend: { show: false },
        cursor: { drag: { x: false, y: false }, points: { show: false } },
        scales,
        axes,
        series: [{}, ...series],
        hooks: {
          setCursor: [(plot) => panel.onpoint(plot.cursor.left >= 0 ? plot.posToVal(plot.cursor.left, 'x') : null)],
          draw: [(plot) => this.draw_marks(plot)],
        },
      },
      this.data.length === panel.channels.length + 1 ? this.data : [[], ...panel.channels.map(() => [])],
      this.place,
    );
  }

  resize() {
    const width = Math.max(200, this.place.clientWidth);
    if (width !== this.plot.width || this.panel.height !== this.plot.height) {
      this.plot.setSize({ width, height: this.panel.height });
    }
  }

  // What lies before the oldest sample, and the messages that belong here.
  draw_marks(plot) {
    const { panel } = this;
    const context = plot.ctx;
    const { left, top, width, height } = plot.bbox;
    context.save();
    context.beginPath();
    context.rect(left, top, width, height);
    context.clip();
    const x = (index) => plot.valToPos(index, 'x', true);
    context.fillStyle = color('--band');
    context.globalAlpha = 0.7;
    const oldest = x(panel.oldest);
    if (oldest > left) context.fillRect(left, top, oldest - left, height);
    const newest = x(panel.written);
    if (newest < left + width) context.fillRect(newest, top, left + width - newest, height);
    context.globalAlpha = 1;
    context.strokeStyle = context.fillStyle = color('--accent');
    context.font = `${12 * devicePixelRatio}px system-ui`;
    context.textAlign = 'left';
    context.textBaseline = 'alphabetic';
    let free = -Infinity;
    for (const mark of panel.marks()) {
      const at = x(mark.index);
      if (at < left || at > left + width) continue;
      context.beginPath();
      context.moveTo(at, top);
      context.lineTo(at, top + height);
      context.stroke();
      const text = mark.text.slice(0, 24);
      if (at > free) {
        context.fillText(text, at + 3, top + 12 * devicePixelRatio);
        free = at + context.measureText(text).width + 8;
      }
    }
    context.restore();
  }

  // Draws the columns that are there, in the panel's range. Returns how many of them have something.
  draw() {
    const { panel } = this;
    const { store, range } = panel;
    const from = Math.floor(range.start / store.width) - 1;
    const to = Math.min(Math.ceil(range.end / store.width) + 1, Math.ceil(panel.written / store.width));
    const single = store.width === 1;
    const points = Math.max(0, to - from) * (single ? 1 : 2);
    const xs = new Array(points);
    const data = [xs];
    for (let i = 0; i < points; i++) xs[i] = single ? from + i : (from + (i >> 1) + 0.25 + 0.5 * (i & 1)) * store.width;
    this.extents = panel.channels.map(() => null);
    panel.channels.forEach((channel, which) => {
      const { scale, offset } = panel.scaling(channel);
      const [least, most] = scale < 0 ? [store.most[which], store.least[which]] : [store.least[which], store.most[which]];
      const ys = new Array(points);
      let low = Infinity;
      let high = -Infinity;
      for (let column = from, i = 0; column < to; column++) {
        const at = store.at(column);
        const there = store.shown[at] === column && least[at] === least[at];
        const a = there ? least[at] * scale + offset : null;
        const b = there ? most[at] * scale + offset : null;
        if (there && (column + 1) * store.width > range.start && column * store.width < range.end) {
          if (a < low) low = a;
          if (b > high) high = b;
        }
        if (single) {
          ys[i++] = a;
        } else if (column & 1) {
          ys[i++] = b;
          ys[i++] = a;
        } else {
          ys[i++] = a;
          ys[i++] = b;
        }
      }
      this.extents[which] = low <= high ? [low, high] : null;
      if (panel.lanes && low <= high) {
        const [bottom, top] = panel.y ?? [low, high];
        const size = top > bottom ? 0.9 / (top - bottom) : 0;
        const middle = panel.channels.length - which - 0.5;
        for (let i = 0; i < points; i++) {
          if (ys[i] !== null) ys[i] = middle + Math.max(-0.5, Math.min(0.5, (ys[i] - (bottom + top) / 2) * size));
        }
      }
      data.push(ys);
    });
    this.data = data;
    this.plot.batch(() => {
      this.plot.setData(data, false);
      this.plot.setScale('x', { min: range.start, max: range.end });
    });
  }
}
