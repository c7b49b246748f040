/**
 * Compiled zones: made by hand, and those of this machine against what date(1) makes of them.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { parseTzFile } from '../../../src/protocol/tz-file.ts';

interface Type {
  readonly offsetSec: number;
  readonly isSummer?: boolean;
}

interface Block {
  readonly changes: readonly (readonly [sec: number, type: number])[];
  readonly types: readonly Type[];
}

/** Source: RFC 8536 §3.1, §3.2 */
function block(version: number, { changes, types }: Block, timeBytes: 4 | 8): Buffer {
  const header = Buffer.alloc(44);
  header.write('TZif', 'latin1');
  header[4] = version === 0 ? 0 : 0x30 + version;
  header.writeUInt32BE(changes.length, 32);
  header.writeUInt32BE(types.length, 36);
  header.writeUInt32BE(4, 40);
  const times = changes.map(([sec]) => {
    const bytes = Buffer.alloc(timeBytes);
    if (timeBytes === 8) bytes.writeBigInt64BE(BigInt(sec));
    else bytes.writeInt32BE(sec);
    return bytes;
  });
  const records = types.map(({ offsetSec, isSummer = false }) => {
    const bytes = Buffer.alloc(6);
    bytes.writeInt32BE(offsetSec);
    bytes[4] = isSummer ? 1 : 0;
    return bytes;
  });
  return Buffer.concat([
    header,
    ...times,
    Buffer.from(changes.map(([, type]) => type)),
    ...records,
    Buffer.from('ABC\0'),
  ]);
}

const TYPES: readonly Type[] = [{ offsetSec: 7200, isSummer: true }, { offsetSec: 3600 }, { offsetSec: -12_600 }];
const BLOCK: Block = {
  changes: [
    [1000, 0],
    [2000, 2],
    [3000, 1],
  ],
  types: TYPES,
};

function offsets(file: Buffer, times: readonly number[]): readonly number[] | null {
  const zone = parseTzFile(file);
  return zone === null ? null : times.map((sec) => zone.offsetMinAt(sec));
}

test('a file of version 1: the first standard type, then each from its change on', () => {
  const file = block(0, BLOCK, 4);
  assert.deepEqual(
    offsets(file, [-1e9, 999, 1000, 1999, 2000, 2999, 3000, 1e10]),
    [60, 60, 120, 120, -210, -210, 60, 60],
  );
});

test('a file of version 2: wider times, and a rule behind the last change', () => {
  const wide: Block = { ...BLOCK, changes: [[-1e10, 2], ...BLOCK.changes] };
  const none: Block = { changes: [], types: [{ offsetSec: 0 }] };
  const rule = Buffer.from('\nCET-1CEST,M3.5.0,M10.5.0/3\n');
  const file = Buffer.concat([block(2, none, 4), block(2, wide, 8), rule]);
  const july = Date.parse('2024-07-01T00:00:00Z') / 1000;
  assert.deepEqual(offsets(file, [-2e10, -1e10, 1000, 2999, july]), [60, -210, 120, -210, 120]);
  const plain = Buffer.concat([block(2, none, 4), block(2, wide, 8), Buffer.from('\n\n')]);
  assert.deepEqual(offsets(plain, [july]), [60]);
});

test('a file without changes is its one type, or its rule', () => {
  const none: Block = { changes: [], types: [{ offsetSec: 19_800 }] };
  assert.deepEqual(offsets(block(0, none, 4), [0]), [330]);
  const file = Buffer.concat([block(2, none, 4), block(2, none, 8), Buffer.from('\n<+03>-3\n')]);
  assert.deepEqual(offsets(file, [0]), [180]);
});

test('what is cut, empty or something else is no zone', () => {
  const file = block(0, BLOCK, 4);
  for (let length = 0; length < file.length; length++) assert.equal(parseTzFile(file.subarray(0, length)), null);
  assert.equal(parseTzFile(Buffer.from('root:x:0:0:root:/root:/bin/bash\n'.repeat(4))), null);
  assert.equal(parseTzFile(block(0, { ...BLOCK, types: TYPES.slice(0, 2) }, 4)), null, 'a type that there is not');
  assert.equal(parseTzFile(block(0, { changes: [], types: [] }, 4)), null);
  const two = Buffer.concat([block(2, BLOCK, 4), block(2, BLOCK, 8), Buffer.from('\nUTC0\n')]);
  const bodyEnd = two.length - 6;
  for (let length = 0; length < bodyEnd; length++) assert.equal(parseTzFile(two.subarray(0, length)), null);
  const huge = Buffer.from(file);
  huge.writeUInt32BE(0xffff_ffff, 32);
  assert.equal(parseTzFile(huge), null);
});

const FOLDER = '/usr/share/zoneinfo';
const NAMES = [
  ...['Europe/Berlin', 'Europe/Dublin', 'America/St_Johns', 'America/Havana', 'Australia/Lord_Howe'],
  ...['Africa/Casablanca', 'Asia/Tehran', 'Asia/Kathmandu', 'Pacific/Apia', 'America/Godthab', 'EST5EDT', 'UTC'],
];
const DAY_SEC = 86_400;

for (const name of NAMES) {
  const path = `${FOLDER}/${name}`;
  test(`${name}: as date(1) has it, from 1970 to 2100`, { skip: !existsSync(path) && `there is no ${path}` }, () => {
    // Twice a day in leaps that meet all hours and weekdays.
    const times = Array.from({ length: 4700 }, (_, i) => i * 10 * DAY_SEC + ((i * 3617) % DAY_SEC));
    const { stdout } = spawnSync('date', ['-f', '-', '+%z'], {
      input: times.map((sec) => `@${sec}\n`).join(''),
      env: { ...process.env, TZ: name },
      encoding: 'latin1',
    });
    const expected = stdout
      .trim()
      .split('\n')
      .map((zone) => {
        const minutes = Number(zone.slice(1, 3)) * 60 + Number(zone.slice(3, 5));
        return (zone.startsWith('-') ? -minutes : minutes) + 0;
      });
    assert.deepEqual(offsets(readFileSync(path), times), expected);
  });
}
