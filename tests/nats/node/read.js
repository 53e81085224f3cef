// node read.js URL STREAM OUT: reads a stream from its first entry to its last one by @nats-io/jetstream. The samples go to the
// file OUT, and the headers of each entry, as JSON, to stdout. RINGBUF_NODE_MODULES is the directory of npm's packages.
"use strict";
const fs = require("fs");
const path = require("path");

const load = (name) => require(require.resolve(name, { paths: [path.dirname(process.env.RINGBUF_NODE_MODULES)] }));
const { jetstream, jetstreamManager } = load("@nats-io/jetstream");
const { connect } = load("@nats-io/transport-node");

async function main(url, name, out) {
  const connection = await connect({ servers: url });
  const { state } = await (await jetstreamManager(connection)).streams.info(name);
  const consumer = await jetstream(connection).consumers.get(name, { opt_start_seq: state.first_seq, deliver_policy: "by_start_sequence" });
  const sink = fs.openSync(out, "w");
  const entries = [];
  for await (const message of await consumer.consume()) {
    const entry = { sequence: message.seq, subject: message.subject, bytes: message.data.length };
    for (const key of message.headers.keys()) entry[key] = message.headers.get(key);
    if (entry["Ringbuf-Kind"] === "samples") {
      fs.writeSync(sink, message.data);
    } else {
      entry.text = message.string();
    }
    entries.push(entry);
    if (message.seq >= state.last_seq) break;
  }
  fs.closeSync(sink);
  console.log(JSON.stringify(entries));
  await connection.close();
}

main(...process.argv.slice(2)).then(() => process.exit(0), (error) => {
  console.error(error);
  process.exit(1);
});
