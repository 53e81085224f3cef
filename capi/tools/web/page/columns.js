// The columns of a picture that have come so far: least and most of each channel, by the number of the column. A ring of columns:
// a newer one takes the place of an older one.

export class Columns {
  constructor(width, channels, room) {
    this.width = width; // samples in a column, a power of two
    this.channels = channels;
    this.room = 2 ** Math.ceil(Math.log2(room));
    this.numbers = new Float64Array(this.room).fill(-1); // which column a place has, once it is complete
    this.shown = new Float64Array(this.room).fill(-1); // ... or as far as it has come
    this.least = channels.map(() => new Float64Array(this.room));
    this.most = channels.map(() => new Float64Array(this.room));
  }

  at(column) {
    return ((column % this.room) + this.room) % this.room;
  }

  // The first column of [from, to) that is not complete, and the end of the last one.
  missing(from, to) {
    let first = from;
    while (first < to && this.numbers[this.at(first)] === first) first++;
    let last = to;
    while (last > first && this.numbers[this.at(last - 1)] === last - 1) last--;
    return [first, last];
  }

  put(reply, asked_from) {
    const { start, count, values } = reply;
    // What was asked for and is gone by now stays empty.
    for (let column = Math.max(asked_from, start - this.room); column < start; column++) this.place(column, true);
    for (let i = 0; i < count; i++) {
      const column = start + i;
      const at = this.at(column);
      let any = false;
      for (let channel = 0; channel < this.channels.length; channel++) {
        const least = values[2 * channel * count + i];
        this.least[channel][at] = least;
        this.most[channel][at] = values[(2 * channel + 1) * count + i];
        any ||= least === least;
      }
      this.shown[at] = column;
      // An empty one may be filled while the server still takes what was there before.
      const complete = (column + 1) * this.width <= reply.written && (any || !reply.filling);
      this.numbers[at] = complete ? column : -1;
    }
  }

  place(column, complete) {
    const at = this.at(column);
    for (let channel = 0; channel < this.channels.length; channel++) {
      this.least[channel][at] = NaN;
      this.most[channel][at] = NaN;
    }
    this.shown[at] = column;
    this.numbers[at] = complete ? column : -1;
  }
}

// The columns for a picture of that many samples and pixels: one or two a pixel.
export const width_for = (span, pixels) => 2 ** Math.max(0, Math.floor(Math.log2(Math.max(1, span / Math.max(1, pixels)))));
