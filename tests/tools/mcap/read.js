// node read.js indexed|stream FILE OUT: reads an MCAP file by @mcap/core. The samples go to the file OUT, and a description to
// stdout. RINGBUF_NODE_MODULES is the directory of npm's packages.
"use strict";
const fs = require("fs");
const path = require("path");

const modules = process.env.RINGBUF_NODE_MODULES;
const load = (name) => require(path.join(modules, name));
const { McapIndexedReader, McapStreamReader } = load("@mcap/core");
const { parse } = load("@foxglove/rosmsg");
const { MessageReader } = load("@foxglove/rosmsg2-serialization");

const [mode, file, out] = process.argv.slice(2);
const schemas = new Map();
const channels = new Map();
const readers = new Map();
const described = { blocks: [], metadata: [], done: false, library: "", statistics: null, chunks: 0, topics: {} };
const sink = fs.openSync(out, "w");

function add(record) {
  switch (record.type) {
    case "Header":
      described.library = record.library;
      break;
    case "Schema":
      schemas.set(record.id, record);
      break;
    case "Channel":
      channels.set(record.id, record);
      break;
    case "Metadata":
      described.metadata.push([record.name, Object.fromEntries(record.metadata)]);
      break;
    case "Statistics":
      described.statistics = { messages: Number(record.messageCount), chunks: record.chunkCount };
      break;
    case "Chunk":
      described.chunks += 1;
      break;
    case "Message":
      message(record);
      break;
  }
}

function message(record) {
  const channel = channels.get(record.channelId);
  if (!readers.has(channel.id)) {
    const schema = schemas.get(channel.schemaId);
    if (schema.encoding !== "ros2msg" || channel.messageEncoding !== "cdr") throw new Error("not ros2msg in CDR");
    described.topics[channel.topic] = schema.name;
    readers.set(channel.id, new MessageReader(parse(new TextDecoder().decode(schema.data), { ros2: true })));
  }
  const value = readers.get(channel.id).readMessage(record.data);
  const data = value.data;
  fs.writeSync(sink, new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  described.blocks.push({
    index: String(value.index),
    channels: value.channels, // of samples
    kind: value.kind, // of a message, and what follows
    tag: String(value.tag),
    monotonic_ns: String(value.monotonic_ns),
    elements: data.length,
    stamp: value.stamp.sec + "." + String(value.stamp.nsec ?? value.stamp.nanosec).padStart(9, "0"),
    log_time: String(record.logTime),
    sequence: record.sequence,
  });
}

async function indexed() {
  const descriptor = fs.openSync(file, "r");
  const readable = {
    size: async () => BigInt(fs.fstatSync(descriptor).size),
    read: async (offset, size) => {
      const bytes = new Uint8Array(Number(size));
      if (fs.readSync(descriptor, bytes, 0, bytes.length, Number(offset)) !== bytes.length) throw new Error("too short");
      return bytes;
    },
  };
  const reader = await McapIndexedReader.Initialize({ readable });
  described.library = reader.header.library;
  for (const schema of reader.schemasById.values()) add(schema);
  for (const channel of reader.channelsById.values()) add(channel);
  add(reader.statistics);
  for await (const record of reader.readMetadata()) add(record);
  for await (const record of reader.readMessages()) add(record);
  described.chunks = reader.chunkIndexes.length;
  described.done = true;
}

function stream() {
  const reader = new McapStreamReader({ validateCrcs: true });
  const bytes = fs.readFileSync(file);
  reader.append(bytes);
  for (let record = reader.nextRecord(); record; record = reader.nextRecord()) add(record);
  described.done = reader.done();
}

async function main() {
  if (mode === "indexed") await indexed();
  else stream();
  fs.closeSync(sink);
  process.stdout.write(JSON.stringify(described));
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
