// usage: node credentials.js DIRECTORY
//
// Writes nats.conf for a server whose users show a signed token (an operator, accounts, a memory resolver), and the credentials of
// one that it knows (user.creds) and of one that another account has signed (stranger.creds). RINGBUF_NODE_MODULES as for read.js.
"use strict";
const { writeFileSync } = require("fs");
const path = require("path");

const paths = [path.dirname(process.env.RINGBUF_NODE_MODULES)];
const { createAccount, createOperator, createUser } = require(require.resolve("@nats-io/nkeys", { paths }));
const text = new TextEncoder();
const base64 = (bytes) => Buffer.from(bytes).toString("base64url");

function token(issuer, subject, name, nats) {
  const head = base64(JSON.stringify({ typ: "JWT", alg: "ed25519-nkey" }));
  const claims = { jti: name, iat: Math.floor(Date.now() / 1000), iss: issuer.getPublicKey(), name, sub: subject.getPublicKey(),
                   nats: { ...nats, version: 2 } };
  const signed = `${head}.${base64(JSON.stringify(claims))}`;
  return `${signed}.${base64(issuer.sign(text.encode(signed)))}`;
}

const everything = { subs: -1, data: -1, payload: -1 };
const account = { type: "account", limits: { ...everything, conn: -1, leaf: -1, imports: -1, exports: -1, wildcards: true,
                                             mem_storage: -1, disk_storage: -1, streams: -1, consumer: -1 } };
const withoutStorage = { type: "account", limits: { ...account.limits, mem_storage: 0, disk_storage: 0, streams: 0, consumer: 0 } };

function credentials(signer, name) {
  const user = createUser();
  const jwt = token(signer, user, name, { type: "user", pub: {}, sub: {}, ...everything });
  const seed = new TextDecoder().decode(user.getSeed());
  return `-----BEGIN NATS USER JWT-----\n${jwt}\n------END NATS USER JWT------\n\n` +
    `-----BEGIN USER NKEY SEED-----\n${seed}\n------END USER NKEY SEED------\n`;
}

const [operator, system, ours, strangers] = [createOperator(), createAccount(), createAccount(), createAccount()];
const known = [[system, "system", withoutStorage], [ours, "ours", account]];
writeFileSync(`${process.argv[2]}/nats.conf`,
  `operator: ${token(operator, operator, "operator", { type: "operator" })}\nsystem_account: ${system.getPublicKey()}\n` +
  `resolver: MEMORY\nresolver_preload: {\n` +
  known.map(([key, name, claims]) => `  ${key.getPublicKey()}: ${token(operator, key, name, claims)}\n`).join("") + "}\n");
writeFileSync(`${process.argv[2]}/user.creds`, credentials(ours, "recorder"));
writeFileSync(`${process.argv[2]}/stranger.creds`, credentials(strangers, "stranger"));
