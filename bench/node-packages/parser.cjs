/**
 * Parses datagrams with a package for Node.js, round after round, and prints nanoseconds per datagram as JSON.
 * Usage: node parser.cjs PACKAGES NAME DATAGRAMS.json ROUNDS
 */
'use strict';
const { readFileSync } = require('node:fs');
const { createRequire } = require('node:module');
const { join } = require('node:path');

const [packages, name, datagramsFile, rounds] = process.argv.slice(2);
const load = createRequire(join(packages, 'package.json'));
const datagrams = JSON.parse(readFileSync(datagramsFile, 'utf8')).map((text) => Buffer.from(text));
const PASSES = 20;

const PARSERS = {
  glossy: () => {
    const { Parse } = load('glossy');
    return (datagram) => Parse.parse(datagram.toString('utf8', 0));
  },
  'nsyslog-parser': () => {
    const parse = load('nsyslog-parser');
    return (datagram) => parse(datagram.toString('utf8'));
  },
};

const parse = PARSERS[name]();
let kept;
function pass() {
  for (let i = 0; i < datagrams.length; i++) kept = parse(datagrams[i]);
}
for (let i = 0; i < PASSES; i++) pass();
const nanos = [];
for (let round = 0; round < Number(rounds); round++) {
  const start = process.hrtime.bigint();
  for (let i = 0; i < PASSES; i++) pass();
  nanos.push(Number(process.hrtime.bigint() - start) / (PASSES * datagrams.length));
}
process.stdout.write(`${JSON.stringify({ nanos, example: kept })}\n`);
