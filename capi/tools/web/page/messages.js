// The messages of a ring of messages: a table, and marks for the curves of another ring.
import { clock, element } from './dom.js';
import { Disconnected, Refused } from './link.js';

const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const most_rows = 200;

export class Messages {
  constructor(link, name, place, onchange) {
    this.link = link;
    this.name = name;
    this.onchange = onchange;
    this.alive = true;
    this.info = null;
    this.list = [];
    this.words = element('span', { className: 'soft', role: 'status' });
    this.body = element('tbody');
    const head = ['Time', 'Kind', 'Tag', 'Message'].map((each) => element('th', { scope: 'col' }, each));
    this.section = element(
      'section',
      { className: 'panel' },
      element('h2', {}, name, ' ', this.words),
      element('div', { className: 'messages', tabIndex: 0 }, element('table', { 'aria-label': `messages of ${name}` }, element('thead', {}, element('tr', {}, ...head)), this.body)),
    );
    place.append(this.section);
    this.run();
  }

  stop() {
    this.alive = false;
    this.section.remove();
  }

  async run() {
    let after = 0;
    let epoch = 0;
    while (this.alive) {
      try {
        if (this.info === null) {
          ({ info: this.info } = await this.link.ask({ op: 'info', ring: this.name }));
          this.onchange(this);
        }
        const reply = await this.link.ask({ op: 'messages', ring: this.name, from: after, after });
        if (reply.epoch !== epoch || reply.count < after) {
          epoch = reply.epoch;
          this.list = [];
          this.body.replaceChildren();
          if (after !== 0) {
            after = 0;
            this.info = null;
            continue;
          }
        }
        after = reply.count;
        if (this.alive) this.show(reply);
        await new Promise((resolve) => requestAnimationFrame(resolve));
      } catch (error) {
        if (error instanceof Refused) {
          this.words.textContent = error.message;
          await sleep(500);
        } else if (!(error instanceof Disconnected)) {
          throw error;
        }
        [after, epoch] = [0, 0];
        await this.link.connected();
      }
    }
  }

  show(reply) {
    const rows = [];
    for (const each of reply.messages) {
      this.list.push(each);
      rows.unshift(
        element('tr', {}, ...[clock(each.time), each.kind, each.tag].map((text) => element('td', {}, String(text))), element('td', { className: 'words' }, each.text)),
      );
    }
    this.list.splice(0, Math.max(0, this.list.length - 2000));
    this.body.prepend(...rows.slice(0, most_rows));
    while (this.body.children.length > most_rows) this.body.lastChild.remove();
    const text = `${reply.count} messages${reply.state === 4 ? ', DEAD' : ''}`;
    if (this.words.textContent !== text) this.words.textContent = text;
    if (rows.length > 0) this.onchange(this);
  }

  // Where they belong on the curves of a panel: by their tags if the metadata say so, else by their times.
  marks(panel) {
    if (this.info?.beside === panel.name) {
      const first = BigInt(panel.info.first_index);
      return this.list.map((each) => ({ index: Number(BigInt(each.tag) - first), text: each.text }));
    }
    if (!panel.times.known) return [];
    return this.list.map((each) => ({ index: panel.times.index_at(each.time), text: each.text }));
  }
}
