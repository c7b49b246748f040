/**
 * Parses datagrams with a package for Node.js, round after round, and prints nanoseconds per datagram as JSON.
 * Usage: node parser.js PACKAGES NAME DATAGRAMS.json ROUNDS
 */
import { readFileSync } from 'node:fs';
import { asFunction, loadPackage, method } from './load.ts';

const PASSES = 20;

const [packages = '', name = '', datagramsFile = '', rounds] = process.argv.slice(2);
const texts: unknown = JSON.parse(readFileSync(datagramsFile, 'utf8'));
const datagrams = (Array.isArray(texts) ? texts : []).map((text) => Buffer.from(String(text)));

function createParser(): (text: string) => unknown {
  const exported = loadPackage(packages, name);
  if (name !== 'glossy') return asFunction(exported);
  const parser: unknown = typeof exported === 'object' && exported !== null ? Reflect.get(exported, 'Parse') : null;
  return method(parser, 'parse');
}

const parse = createParser();
let kept: unknown;
function pass(): void {
  for (const datagram of datagrams) kept = parse(datagram.toString('utf8'));
}
for (let i = 0; i < PASSES; i++) pass();
const nanos: number[] = [];
for (let round = 0; round < Number(rounds); round++) {
  const start = process.hrtime.bigint();
  for (let i = 0; i < PASSES; i++) pass();
  nanos.push(Number(process.hrtime.bigint() - start) / (PASSES * datagrams.length));
}
process.stdout.write(`${JSON.stringify({ nanos, example: kept })}\n`);
