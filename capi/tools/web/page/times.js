// When the samples of a ring were put: pairs of index and time, and straight lines in between.

export class Times {
  constructor(rate) {
    this.rate = rate; // samples a second; 0: unknown
    this.marks = [];
  }

  get known() {
    return this.marks.length > 0;
  }

  set(marks) {
    if (marks.length > 0) this.marks = marks;
  }

  slope() { // ms a sample
    if (this.rate > 0) return 1000 / this.rate;
    const [first, last] = [this.marks[0], this.marks[this.marks.length - 1]];
    return last[0] > first[0] && last[1] > first[1] ? (last[1] - first[1]) / (last[0] - first[0]) : 1;
  }

  // `from` and `to`: 0 for the index, 1 for the time.
  convert(x, from, to) {
    const marks = this.marks;
    const beyond = to === 1 ? this.slope() : 1 / this.slope();
    const last = marks.length - 1;
    if (last < 0) return NaN;
    if (x <= marks[0][from]) return marks[0][to] + (x - marks[0][from]) * beyond;
    if (x >= marks[last][from]) return marks[last][to] + (x - marks[last][from]) * beyond;
    let low = 0;
    let high = last;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (marks[middle][from] <= x) low = middle;
      else high = middle;
    }
    const length = marks[high][from] - marks[low][from];
    const part = length > 0 ? (x - marks[low][from]) / length : 0;
    return marks[low][to] + part * (marks[high][to] - marks[low][to]);
  }

  ms_at(index) {
    return this.convert(index, 0, 1);
  }

  index_at(ms) {
    return this.convert(ms, 1, 0);
  }
}
