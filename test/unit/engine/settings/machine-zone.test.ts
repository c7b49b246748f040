/**
 * Where the zone comes from: files before rules, UTC where there is neither.
 */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { readMachineZone } from '../../../../src/engine/settings/machine-zone.ts';
import { zoneFile } from '../../../support/zone-file.ts';

const dir = mkdtempSync(join(tmpdir(), 'tsyslogd-'));
after(() => rmSync(dir, { recursive: true }));
mkdirSync(join(dir, 'Acme'));
writeFileSync(join(dir, 'Acme/HQ'), zoneFile(77));
writeFileSync(join(dir, 'ABC-1'), zoneFile(78));
writeFileSync(join(dir, 'text'), 'no zone\n');
writeFileSync(join(dir, 'empty'), '');

const ROWS: readonly (readonly [tz: string, offsetMin: number])[] = [
  [join(dir, 'Acme/HQ'), 77],
  [`:${join(dir, 'Acme/HQ')}`, 77],
  ['Acme/HQ', 77],
  [':Acme/HQ', 77],
  // A file of this name goes before the rule.
  ['ABC-1', 78],
  ['ABC-2', 120],
  [':ABC-2', 120],
  ['<+03>-3', 180],
  ['', 0],
  [':', 0],
  ['Acme', 0],
  ['Acme/Nowhere', 0],
  ['text', 0],
  ['empty', 0],
  ['/dev/zero', 0],
  [dir, 0],
];
for (const [tz, offsetMin] of ROWS) {
  test(`TZ=${tz.replace(dir, 'DIR')} is ${offsetMin} minutes east`, () =>
    assert.equal(readMachineZone({ TZ: tz, TZDIR: dir }).offsetMinAt(1_720_000_000), offsetMin));
}

test('without TZ it is that of /etc/localtime, and never fails', () =>
  assert.equal(
    readMachineZone({}).offsetMinAt(1_720_000_000),
    readMachineZone({ TZ: ':/etc/localtime' }).offsetMinAt(1_720_000_000),
  ));
