import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findTableRow, type TableRow } from '../../../../src/sys/socket/proc-table.ts';

const ONE = 'sl local inode\n 0: 0100007F:0202 41\n 1: 0100007F:0203 42\n';
const WITHOUT = 'sl local inode\n 0: 0100007F:0202 41\n';

function is42({ columns }: TableRow): boolean {
  return columns[2] === '42';
}

test('socket table: a row that one look passes over is found by the next', () => {
  const texts = [WITHOUT, WITHOUT, ONE];
  const found = findTableRow(['udp'], is42, () => texts.shift() ?? '');
  assert.deepEqual(found, { table: 'udp', columns: ['1:', '0100007F:0203', '42'] });
});

test('socket table: the table that has it is told; one that cannot be read has nothing', () => {
  const read = (table: string): string => {
    if (table === 'unix') throw new Error('ENOENT');
    return table === 'udp6' ? ONE : WITHOUT;
  };
  assert.equal(findTableRow(['unix', 'udp', 'udp6'], is42, read)?.table, 'udp6');
});

test('socket table: what is nowhere is looked for a few times only', () => {
  let looks = 0;
  const read = (): string => {
    looks++;
    return WITHOUT;
  };
  assert.equal(findTableRow(['udp'], is42, read), null);
  assert.equal(looks, 5);
});
