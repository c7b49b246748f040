/**
 * A daemon of root that writes into the folder of an ordinary user, who replaces the folder by a link all the time:
 * nothing outside is touched, the other rules go on, and all is written again once there is peace.
 */
import assert from 'node:assert/strict';
import { chmodSync, chownSync, existsSync, mkdirSync, statSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { TestDaemon } from '../support/daemon.ts';
import { sendLocal } from '../support/send.ts';
import { SwappedFolder } from '../support/swapping.ts';
import { until } from '../support/until.ts';

const root = process.getuid?.() === 0 ? false : 'needs root, and an ordinary user';
const USER = 65_534;
const RELOADS = 40;
const NAMES = ['x.log', 'x.log.0', 'x.log.1', '.x.log.tsyslogd-new', 'fifo', 'log', 'pipe'];

test('a user swaps his folder for a link while root reloads, rotates and writes there', { skip: root }, async (t) => {
  const dir = TestDaemon.folder(t);
  chmodSync(dir, 0o755);
  const swapped = new SwappedFolder(t);
  const home = join(dir, 'home');
  const logs = join(home, 'logs');
  for (const folder of [home, logs]) {
    mkdirSync(folder);
    chownSync(folder, USER, USER);
  }
  swapped.protect(...NAMES);
  const rules = (size: number): string =>
    [`user.* DIR/home/logs/x.log ;rotate=${size}:3`, 'user.* |DIR/home/logs/fifo', 'user.* DIR/b'].join('\n');
  const args = ['-p', join(logs, 'log'), '--control-pipe', join(logs, 'pipe')];
  const daemon = await TestDaemon.start(t, { conf: rules(2000), args }, dir);
  const stop = await SwappedFolder.swap(t, logs, swapped.outside, USER);
  for (let round = 0; round < RELOADS; round++) {
    await sendLocal(daemon.socket, [`<13>t: round ${round}`]);
    daemon.configure(`${rules(2000 + round)}\nsyslog.* -DIR/self\n`);
    await daemon.reload();
    daemon.child.kill('SIGUSR2');
    await daemon.line('b', new RegExp(`round ${round}$`));
  }
  await stop();
  swapped.assertUntouched(...NAMES);
  assert.equal(daemon.lines('b').length, RELOADS, 'the other rule got every message once');
  await until('it is written again', async () => {
    await sendLocal(daemon.socket, ['<13>t: peace']);
    return existsSync(join(logs, 'x.log')) && statSync(join(logs, 'x.log')).size > 0;
  });
  await until('the log socket is back', () => existsSync(join(logs, 'log')));
  await sendLocal(join(logs, 'log'), ['<13>t: by the other socket']);
  await daemon.line('b', /by the other socket$/);
  assert.equal((await daemon.stop()).code, 0);
  swapped.assertUntouched(...NAMES);
});

/** Options that name what the daemon makes, and the line about a link on the way there. */
const MADE: readonly (readonly [string, string, RegExp])[] = [
  ['-P', 'pid', /^tsyslogd: cannot open pid file "PATH": REASON$/],
  ['--control-pipe', 'pipe', /^tsyslogd: cannot use control pipe "PATH": REASON$/],
];

for (const [option, name, expected] of MADE) {
  test(`${option} through a link that everybody can change: one line, and nothing is made`, async (t) => {
    const swapped = new SwappedFolder(t);
    const link = join(swapped.open, 'link');
    symlinkSync(swapped.outside, link);
    const path = join(link, name);
    const daemon = TestDaemon.spawn(t, { conf: 'user.* DIR/a', args: [option, path] });
    assert.equal((await daemon.exited).code, 1);
    const reason = `"${link}" is a symbolic link that everybody can change: not followed: expected a path without it`;
    assert.match(daemon.stderr.trimEnd().replace(path, 'PATH').replace(reason, 'REASON'), expected);
    swapped.assertUntouched();
  });
}

/** What the daemon can do without. */
const SPARED: readonly (readonly [string, RegExp])[] = [
  ['-p', /cannot create log socket ".*x": ".*link" is a symbolic link that everybody can change: not followed/],
  ['--control', /running without control socket ".*x": ".*link" is a symbolic link that everybody can change: not/],
];

for (const [option, expected] of SPARED) {
  test(`${option} through such a link: the daemon runs without, and says so`, async (t) => {
    const swapped = new SwappedFolder(t);
    const link = join(swapped.open, 'link');
    symlinkSync(swapped.outside, link);
    const daemon = await TestDaemon.start(t, { conf: '', args: [option, join(link, 'x')] });
    await daemon.line('self', expected);
    swapped.assertUntouched();
  });
}
