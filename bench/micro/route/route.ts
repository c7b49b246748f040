/**
 * Time of one match, in nanoseconds: without blocks, and with few compared with thousands of blocks, to check that
 * blocks that do not match cost nothing.
 *
 * Run: `node build/bench/micro/route/route.js`. Plain Node.js; medians of several rounds; trust ratios, not digits.
 */
import { parseConfiguration } from '../../../src/conf/parse.ts';
import { appendRow, Batch, ORIGIN, slotOff } from '../../../src/dgram-parser/columns/batch.ts';
import { compileRoutes } from '../../../src/route/compile.ts';
import { match } from '../../../src/route/match.ts';
import type { HostLabels } from '../../../src/route/property.ts';

const ROWS = 256;
const ROUNDS = 9;
const BATCHES = 4000;

/** Every row has one of a few labels, in a separate block. */
class FixedLabels implements HostLabels {
  readonly bytes = Buffer.from('host1.example.orghost7.example.orgloghost');
  off = 0;
  len = 0;

  locate(_batch: Batch, row: number): void {
    const turn = row % 3;
    this.off = turn === 0 ? 0 : turn === 1 ? 17 : 34;
    this.len = turn === 2 ? 7 : 17;
  }
}

/** Messages of several programs and priorities, with columns set by hand. */
function fillBatch(): Batch {
  const batch = new Batch(ROWS, 1024);
  for (let row = 0; row < ROWS; row++) {
    const tag = `prog${row % 20}`;
    const text = 'Failed password for invalid user admin from 192.0.2.1 port 4242 ssh2';
    appendRow(batch, Buffer.from(tag + text), ORIGIN.local);
    batch.pri[row] = (row * 7) % 192;
    batch.tagOff[row] = slotOff(batch, row);
    batch.tagLen[row] = tag.length;
    batch.textOff[row] = slotOff(batch, row) + tag.length;
    batch.endOff[row] = slotOff(batch, row) + tag.length + text.length;
  }
  return batch;
}

interface Result {
  readonly ns: number;
  /** Destinations per message, so that only rows with the same amount of work are compared. */
  readonly perMessage: number;
}

function measure(text: string): Result {
  const source = {
    read: () => Buffer.from(text),
    glob: () => [],
    canonical: (path: string) => path,
    isExecutable: () => false,
  };
  const { configuration, problems } = parseConfiguration('/bench.conf', source);
  if (problems.length > 0) throw new Error(problems[0]?.what ?? 'bad configuration');
  const table = compileRoutes(configuration.rules, (rule) => rule, ['loghost']);
  const out = new Int32Array(table.outMax);
  const batch = fillBatch();
  const labels = new FixedLabels();
  const times: number[] = [];
  let sent = 0;
  for (let round = 0; round < ROUNDS; round++) {
    sent = 0;
    const start = process.hrtime.bigint();
    for (let idx = 0; idx < BATCHES; idx++) {
      for (let row = 0; row < ROWS; row++) sent += match(table, batch, row, labels, out);
    }
    times.push(Number(process.hrtime.bigint() - start) / (BATCHES * ROWS));
  }
  const median = times.toSorted((a, b) => a - b)[Math.floor(ROUNDS / 2)] ?? 0;
  return { ns: median, perMessage: sent / (BATCHES * ROWS) };
}

const PLAIN = [
  'auth,authpriv.* /1',
  '*.*;auth,authpriv.none /2',
  'kern.* /3',
  'mail.* /4',
  '*.=info;*.=notice;*.=warn;auth,authpriv,cron,daemon,mail,news.none /5',
  '*.emerg /6',
].join('\n');

/** @returns blocks, two of which match messages of the bench, however many there are */
function blocks(mark: string, names: (idx: number) => string, count: number): string {
  const lines = Array.from({ length: count }, (_, idx) => `${mark}${names(idx)}\n*.* /b${idx}`);
  return `${PLAIN}\n${lines.join('\n')}`;
}

const program = (idx: number): string => (idx < 2 ? `prog${idx}` : `other${idx}`);
const host = (idx: number): string => (idx < 2 ? `HOST${idx * 6 + 1}.example.org` : `other${idx}.example.org`);

const CASES: readonly (readonly [name: string, text: string])[] = [
  ['plain table, 6 rules', PLAIN],
  ['plain table, 6 rules and 5000 that do not match', `${PLAIN}\n${'mark.* /x\n'.repeat(5000)}`],
  ['10 program blocks', blocks('!', program, 10)],
  ['5000 program blocks', blocks('!', program, 5000)],
  ['10 host blocks', blocks('+', host, 10)],
  ['5000 host blocks', blocks('+', host, 5000)],
  ['one `contains` filter', `${PLAIN}\n:msg, contains, "segfault"\n*.* /7`],
  ['one `ereregex` filter', `${PLAIN}\n:msg, ereregex, "user [a-z]+ to [0-9]"\n*.* /7`],
];

for (const [name, text] of CASES) {
  const { ns, perMessage } = measure(text);
  process.stdout.write(`${ns.toFixed(1).padStart(8)} ns  ${perMessage.toFixed(2)} destinations  ${name}\n`);
}
