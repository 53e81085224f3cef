const {Reader} = require('ringbuf');

async function main(name) {
  const reader = new Reader(name);
  for await (const window of reader.windows(480, {step: 240})) { // all else in the program runs meanwhile
    const [left, right] = window.samples; // in the ring itself
    if (window.check()) console.log(`${window.start}: ${left} ${right}`);
  }
  console.log('the writer has ended the stream');
}
main(process.argv[2]);
