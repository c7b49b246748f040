/**
 * The zone of lines and of times without one: rules in TZ, and /etc/localtime.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { TestDaemon } from '../support/daemon.ts';
import { sendLocal } from '../support/send.ts';
import { zoneFile } from '../support/zone-file.ts';

const CONF = 'user.* DIR/a ;ISO';

/** @returns what the line with this text begins with, without the year. */
async function stampOf(daemon: TestDaemon, text: string): Promise<string> {
  return (await daemon.line('a', new RegExp(` t: ${text}$`))).slice(5, 32);
}

const ZONES: readonly (readonly [tz: string, summer: string, winter: string])[] = [
  ['CET-1CEST,M3.5.0,M10.5.0/3', '+02:00', '+01:00'],
  ['<+03>-3', '+03:00', '+03:00'],
  ['ABC3:30DEF,M1.2.0,M2.1.0', '-03:30', '-03:30'],
  ['Nowhere/City', '+00:00', '+00:00'],
];
for (const [tz, summer, winter] of ZONES) {
  test(`TZ=${tz}: times without a zone are local, and told so`, async (t) => {
    const daemon = await TestDaemon.start(t, { conf: CONF, env: { TZ: tz } });
    await sendLocal(daemon.socket, ['<13>Jul  1 12:00:00 t: summer', '<13>Dec 20 12:00:00 t: winter']);
    assert.equal(await stampOf(daemon, 'summer'), `07-01T12:00:00.000000${summer}`);
    assert.equal(await stampOf(daemon, 'winter'), `12-20T12:00:00.000000${winter}`);
  });
}

const UNSHARED = 'mount --make-rprivate / && mount --bind "$1/zone" /etc/localtime && shift && exec "$@"';

function cannotBind(): string | false {
  if (process.getuid?.() !== 0) return 'needs root for an /etc/localtime of its own';
  if (!existsSync('/etc/localtime')) return 'there is no /etc/localtime to put another one over';
  const { status } = spawnSync('unshare', ['-m', 'mount', '--make-rprivate', '/']);
  return status === 0 ? false : 'mount namespaces cannot be made here';
}

test('without TZ the zone is that of /etc/localtime, also where it is a copy, and again at reload', {
  skip: cannotBind(),
}, async (t) => {
  const dir = TestDaemon.folder(t);
  writeFileSync(join(dir, 'zone'), zoneFile(77));
  const wrapper = ['env', '-u', 'TZ', 'unshare', '-m', 'sh', '-c', UNSHARED, 'zone', dir];
  const daemon = await TestDaemon.start(t, { conf: CONF, wrapper }, dir);
  await sendLocal(daemon.socket, ['<13>Jul  1 12:00:00 t: one']);
  assert.equal(await stampOf(daemon, 'one'), '07-01T12:00:00.000000+01:17');
  writeFileSync(join(dir, 'zone'), zoneFile(-45));
  await daemon.reload();
  await sendLocal(daemon.socket, ['<13>Jul  1 12:00:00 t: two']);
  assert.equal(await stampOf(daemon, 'two'), '07-01T12:00:00.000000-00:45');
});
