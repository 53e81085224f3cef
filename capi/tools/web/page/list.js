// The list of the rings of this machine: live, once a second.
import { bytes, count, duration, element } from './dom.js';
import { Disconnected } from './link.js';

const heads = ['Name', 'State', 'Samples', 'Rate', 'Measured', 'Bytes/s', 'Holds', 'Written', 'Readers', 'Lag', 'Lost', 'Age'];

export class ListView {
  constructor(link, main) {
    this.link = link;
    this.alive = true;
    this.rows = new Map();
    this.body = element('tbody');
    this.note = element('p', { role: 'status' }, 'looking for rings');
    main.replaceChildren(
      element('h2', { id: 'list-title' }, 'Rings of this machine'),
      this.note,
      element(
        'div',
        { className: 'scroll' },
        element(
          'table',
          { className: 'rings', 'aria-labelledby': 'list-title' },
          element('thead', {}, element('tr', {}, ...heads.map((each) => element('th', { scope: 'col' }, each)))),
          this.body,
        ),
      ),
    );
    this.run();
  }

  stop() {
    this.alive = false;
  }

  async run() {
    let after = 0;
    while (this.alive) {
      try {
        const reply = await this.link.ask({ op: 'list', after });
        after = reply.number;
        if (this.alive) this.show(reply.rings);
      } catch (error) {
        if (!(error instanceof Disconnected)) throw error;
        after = 0;
        await this.link.connected();
      }
    }
  }

  show(rings) {
    this.note.textContent =
      rings.length === 0 ? 'There is no ring on this machine. A new one appears here by itself.' : `${rings.length} rings`;
    const now = new Map();
    for (const ring of rings) {
      const row = this.rows.get(ring.name) ?? this.row(ring.name);
      now.set(ring.name, row);
      this.fill(row, ring);
    }
    this.rows = now;
    const rows = [...now.values()];
    if (rows.length !== this.body.children.length || rows.some((each, at) => this.body.children[at] !== each)) {
      this.body.replaceChildren(...rows);
    }
  }

  row(name) {
    const words = new URLSearchParams({ ring: name });
    const row = element('tr', {}, element('th', { scope: 'row' }, element('a', { href: `#${words}` }, name)));
    for (let i = 1; i < heads.length; i++) row.append(element('td'));
    return row;
  }

  fill(row, ring) {
    const rate = ring.sample_rate;
    const any = ring.readers > 0;
    const texts = [
      ring.state === 'dead' ? 'DEAD' : ring.state,
      ring.type === 'messages' || ring.channels === 1 ? ring.type : `${ring.type} x ${ring.channels}`,
      rate > 0 ? `${count(rate)}Hz`.replace(/(\d)Hz/, '$1 Hz') : '-',
      `${count(ring.samples_per_second)}/s`,
      bytes(ring.bytes_per_second),
      ring.seconds === null ? count(ring.capacity) : duration(ring.seconds),
      ring.written,
      `${ring.readers} of ${ring.max_readers}`,
      any ? (rate > 0 ? duration(ring.lag / rate) : count(ring.lag)) : '-',
      any ? count(ring.lost) : '-',
      duration(ring.age_seconds),
    ];
    row.className = `state-${ring.state}`;
    texts.forEach((text, at) => {
      const cell = row.children[at + 1];
      if (cell.textContent !== text) cell.textContent = text;
    });
    row.children[1].className = 'state';
    row.classList.toggle('losing', ring.lost_per_second > 0);
  }
}
