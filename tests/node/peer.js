'use strict';
// Another process: each line of its input is a command, ["create", name, options], ["put", values], ["send", text] or
// ["close"]; each line of its output the answer.
const readline = require('readline');
const {Writer} = require('ringbuf');

let writer;
const commands = {
  create(name, options) { writer = new Writer(name, options); },
  resume(name) { writer = Writer.resume(name); },
  put(values) { writer.put(values); },
  send(text, options) { writer.send(text, options); },
  close() { writer.close(); },
};
readline.createInterface({input: process.stdin}).on('line', (line) => {
  const [command, ...args] = JSON.parse(line);
  commands[command](...args);
  console.log(JSON.stringify(command));
});
