/**
 * Datagrams for comparing two parsers: the rows of the tables, lines as programs send them, and both with bytes
 * flipped, cut, put in, doubled, or spliced with one another. A seed gives the same datagrams every time.
 */
import { DATAGRAM_CASES } from '../cases/datagrams.ts';

/** Longer originals would spend the time on their text. */
const ORIGINAL_MAX_BYTES = 300;

/** Lines of common programs; the same stamp in most, since parsers may remember it. */
const STAMP = 'Nov 20 22:14:15';
const LINES: readonly string[] = [
  `<30>${STAMP} systemd[1]: Started Session 17 of user root.`,
  `<86>${STAMP} sshd[21904]: Accepted publickey for alice from 192.0.2.7 port 51234 ssh2`,
  `<78>${STAMP} CRON[30112]: (root) CMD (run-parts /etc/cron.hourly)`,
  `<22>${STAMP} postfix/smtpd[4410]: connect from mail.example.org[192.0.2.9]`,
  `<13>${STAMP} web01 app: caf\u{e9} \u{2713}\ttab`,
  `<13>${STAMP} web01.example.org haproxy[1893]: 192.0.2.1:5123 [20/Nov] http-in~`,
  `<4>${STAMP} kernel: [12345.678] eth0: link up`,
  `<13>${STAMP} (sd-pam)[77]: x`,
  `<13>${STAMP} UTC: text`,
  `<13>${STAMP} EST 1999 host tag: text`,
  `<13>${STAMP} 2024 host tag: text`,
  `<13>${STAMP} 2001:db8::1 tag: text`,
  `<13>${STAMP} tag[]:text`,
  `<13>${STAMP} tag: `,
  `<13>${STAMP} tag:`,
  `<13>${STAMP} ${'t'.repeat(48)}[${'9'.repeat(128)}]: long`,
  `<13>${STAMP} info tag: text`,
  `<13>${STAMP} web01 Google Chrome[35628]: x`,
  `<13>${STAMP} iTunes Helper 2[7] (a): x`,
  `<13>${STAMP} sandboxd[129] ([31211]): x`,
  `<13>${STAMP} audit(1131538222.234:0): x`,
  `<13>thishost tag[1]: x`,
  `<13>peer1 tag: x`,
  `<165>1 2003-10-11T22:14:15 host app - - [a@1 x=1 y= "2" z=a\\b] text`,
  `<13>Nov 20 22:14:16 app[1]: another second`,
  `<13>nov 20 22:14:15 app[1]: another case`,
  `<165>1 2003-10-11T22:14:15.003Z host app 8710 ID47 [a@1 x="1" y="q\\"]"] \u{feff}text`,
  `<165>1 - - - - - -`,
];

const INSERTS: readonly string[] = [
  ...[
    '<13>',
    '<0>',
    '<191>',
    '<192>',
    '<1234>',
    '1 ',
    ' ',
    '  ',
    ':',
    ': ',
    '-',
    '[',
    ']',
    '[]',
    '(',
    ')',
    '"',
    '\\',
    '=',
  ],
  ...[STAMP, `${STAMP} `, 'Nov  2 22:14:15', '2024 ', ' 2024', ' UTC:', ' CST 1987 ', '.123456', ',5', '*', '.'],
  ...['2024-11-20T22:14:15Z', '2024-11-20 22:14:15+01:00 ', '38: ', 'router1: ', 'host ', 'peer1 ', 'thishost '],
  ...['tag: ', 'tag[1]: ', '(tag): ', '(a(b)[2]:', '%SYS-5-CONFIG_I: ', '2001:db8::1 ', 'fe80::1%eth0 ', '::1'],
  ...['Forwarded from ', 'Message forwarded from ', 'host: ', 'last message repeated 5 times', '[a@1 x="1"]'],
  ...[
    '[1][2]: ',
    ' (x): ',
    '[12] ([3]): ',
    'Ab Cd[1]: ',
    ' Bc',
    'a(b:c): ',
    'INFO ',
    '- ',
    'error ',
    '[main] ',
    '= ',
    '=b',
  ],
  ...['\u{e9}', '\u{2713}', '\u{1f600}', '\u{feff}', '\u{85}', '\n', '\0', '\t', '\x1b', '\x7f', 'A', 'x', '9'],
];

/** Numbers that a seed determines; 32 bits of state, good enough for choosing bytes. */
export class Dice {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** @returns an integer from 0 to `limit` - 1 */
  below(limit: number): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = this.#state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296) * limit);
  }

  chance(oneIn: number): boolean {
    return this.below(oneIn) === 0;
  }

  pick<T>(from: readonly T[], otherwise: T): T {
    return from[this.below(from.length)] ?? otherwise;
  }
}

const EMPTY: Buffer = Buffer.alloc(0);
const lines: readonly Buffer[] = LINES.map((line) => Buffer.from(line));
const originals: readonly Buffer[] = [
  ...DATAGRAM_CASES.map(({ datagram }) => Buffer.from(datagram)).filter(({ length }) => length <= ORIGINAL_MAX_BYTES),
  ...lines,
];
const inserts: readonly Buffer[] = INSERTS.map((text) => Buffer.from(text));

/** Every original once, then without an end whatever the dice make of them. */
export function* datagrams(dice: Dice): Generator<Buffer, never> {
  yield* originals;
  for (;;) yield nextDatagram(dice);
}

function nextDatagram(dice: Dice): Buffer {
  if (dice.chance(40)) return Buffer.from(Array.from({ length: dice.below(120) }, () => dice.below(256)));
  if (dice.chance(12)) return Buffer.concat(Array.from({ length: dice.below(14) }, () => dice.pick(inserts, EMPTY)));
  // Half of them of the kind that the fast way is made for.
  let bytes: Buffer = dice.chance(2) ? dice.pick(lines, EMPTY) : dice.pick(originals, EMPTY);
  for (let edits = dice.below(4); edits > 0; edits--) bytes = mutate(dice, bytes);
  return bytes;
}

function mutate(dice: Dice, bytes: Buffer): Buffer {
  // Headers are short: most edits go there.
  const at = dice.below(1 + (dice.chance(3) ? bytes.length : Math.min(bytes.length, 48)));
  const head = bytes.subarray(0, at);
  const count = dice.below(4);
  switch (dice.below(6)) {
    case 0:
      return Buffer.concat([head, Buffer.of((bytes[at] ?? 0) ^ (1 << dice.below(8))), bytes.subarray(at + 1)]);
    case 1:
      return Buffer.concat([head, bytes.subarray(at + count)]);
    case 2:
      return dice.chance(4) ? Buffer.from(head) : Buffer.concat([head, Buffer.of(dice.below(256)), bytes.subarray(at)]);
    case 3:
      return Buffer.concat([head, dice.pick(inserts, EMPTY), bytes.subarray(at + count)]);
    case 4:
      return Buffer.concat([head, bytes.subarray(at, at + 1 + dice.below(20)), bytes.subarray(at)]);
    default: {
      const other = dice.pick(originals, EMPTY);
      return Buffer.concat([head, other.subarray(dice.below(1 + other.length))]);
    }
  }
}
