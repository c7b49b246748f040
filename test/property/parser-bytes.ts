/**
 * Generators of hostile datagrams: rows of the tables with bytes changed, pieces of headers in any order, and
 * plain random bytes.
 */
import * as fc from 'fast-check';
import { DATAGRAM_CASES } from '../cases/datagrams.ts';

const SHORT_BYTES = 400;
const originals = DATAGRAM_CASES.map(({ datagram }) => datagram).filter(({ length }) => length < SHORT_BYTES);

const PIECES = [
  '<13>',
  '<0>',
  '<191>',
  '<192>',
  '<',
  '>',
  '1 ',
  '1',
  ' ',
  '  ',
  ':',
  ': ',
  '::',
  '-',
  '- ',
  '- - - - - - ',
  '[',
  ']',
  '(',
  ')',
  'Nov 20 22:14:15',
  'Nov  2 22:14:15 ',
  'feb 29 23:59:60',
  '*',
  '.',
  '2024 ',
  ' 2024',
  ' UTC:',
  ' CST 1987 ',
  '.123456',
  ',5',
  '2024-11-20T22:14:15Z',
  '2024-11-20 22:14:15+01:00 ',
  '2003-10-11T22:14:15.003Z ',
  '38: ',
  'router1: ',
  'host ',
  'peer1 ',
  'thishost ',
  'tag: ',
  'tag[1]: ',
  '(tag): ',
  '(a(b)[2]:',
  '%SYS-5-CONFIG_I: ',
  '2001:db8::1 ',
  'fe80::1%eth0 ',
  '::1',
  'Forwarded from ',
  'Message forwarded from ',
  'host: ',
  'last message repeated 5 times',
  '[a@1 x="1"]',
  '[a@1 x="q]r\\"" y=""] ',
  '\\',
  '"',
  '=',
  'é',
  '✓',
  '😀',
  '\u{feff}',
  '\u{85}',
  '\n',
  '\0',
  '\t',
  '\x1b',
  '\x7f',
  'x',
  'text',
].map((piece) => Buffer.from(piece));

const anyByte = fc.nat({ max: 255 });
const piece = fc.constantFrom(...PIECES);

/** One change: cuts `cut` bytes out at a place and puts `put` there. */
const edit = fc.record({
  at: fc.double({ min: 0, max: 1, noNaN: true }),
  cut: fc.nat({ max: 4 }),
  put: fc.oneof(
    piece,
    anyByte.map((byte) => Buffer.of(byte)),
    fc.constant(Buffer.alloc(0)),
  ),
});

const mutated = fc
  .tuple(
    fc.constantFrom(...originals),
    fc.array(edit, { maxLength: 4 }),
    fc.option(fc.double({ min: 0, max: 1, noNaN: true })),
  )
  .map(([original, edits, cut]) => {
    let bytes = Buffer.from(original);
    for (const { at, cut: count, put } of edits) {
      const i = Math.floor(at * (bytes.length + 1));
      bytes = Buffer.concat([bytes.subarray(0, i), put, bytes.subarray(i + count)]);
    }
    return cut === null ? bytes : bytes.subarray(0, Math.floor(cut * (bytes.length + 1)));
  });

const pieces = fc.array(piece, { maxLength: 14 }).map((parts) => Buffer.concat(parts));
const random = fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes));

/** Datagrams of up to some hundred bytes. */
export const anyDatagram: fc.Arbitrary<Buffer> = fc.oneof(
  { weight: 6, arbitrary: mutated },
  { weight: 3, arbitrary: pieces },
  { weight: 2, arbitrary: pieces.map((bytes) => Buffer.concat([Buffer.from('<13>Nov 20 22:14:15 '), bytes])) },
  { weight: 2, arbitrary: pieces.map((bytes) => Buffer.concat([Buffer.from('<13>1 - h a p m [id x="'), bytes])) },
  { weight: 1, arbitrary: random },
  { weight: 1, arbitrary: random.map((bytes) => Buffer.concat([Buffer.from('<13>'), bytes])) },
);

/** Bytes that are half text, half anything, for what only looks at bytes. */
export const anyBytes: fc.Arbitrary<Buffer> = fc
  .array(fc.oneof({ weight: 3, arbitrary: piece }, { weight: 2, arbitrary: fc.uint8Array({ maxLength: 6 }) }), {
    maxLength: 12,
  })
  .map((parts) => Buffer.concat(parts));
