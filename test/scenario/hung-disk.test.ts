/**
 * A disk that hangs: other files go on, a reload and the end do not wait for it, and nothing of one destination
 * ever reaches another's file.
 */
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { test, type TestContext } from 'node:test';
import { cleanUp, TestDaemon } from '../support/daemon.ts';
import { sendLocal } from '../support/send.ts';
import { until } from '../support/until.ts';

/** Files on the disk that hangs: more than libuv has threads without being told. */
const HUNG_FILES = 6;

function missing(): string | false {
  if (process.getuid?.() !== 0) return 'needs root to mount and freeze a disk';
  const script =
    'f=$(mktemp) && truncate -s 8M $f && mkfs.ext4 -q $f && l=$(losetup -f --show $f) && losetup -d $l; s=$?; rm -f $f; exit $s';
  return spawnSync('sh', ['-c', script]).status === 0 ? false : 'there are no loop devices here';
}

/** A small disk of its own at `DIR/disk`, to be frozen. */
function mountDisk(t: TestContext, dir: string): string {
  const disk = `${dir}/disk`;
  mkdirSync(disk);
  execFileSync('sh', [
    '-c',
    `truncate -s 16M ${dir}/image && mkfs.ext4 -q ${dir}/image && mount -o loop ${dir}/image ${disk}`,
  ]);
  cleanUp(t, () => {
    spawnSync('fsfreeze', ['-u', disk]);
    execFileSync('umount', [disk]);
  });
  return disk;
}

test('files on a hung disk delay no other; reload and end do not wait for them', { skip: missing() }, async (t) => {
  const dir = TestDaemon.folder(t);
  const disk = mountDisk(t, dir);
  const hung = Array.from({ length: HUNG_FILES }, (_, i) => `local${i}.* DIR/disk/hung${i}`);
  const daemon = await TestDaemon.start(t, { conf: [...hung, 'user.* DIR/good'].join('\n') }, dir);
  // Whatever fails below: the disk goes on before the daemon is waited for.
  cleanUp(t, () => spawnSync('fsfreeze', ['-u', disk]));
  execFileSync('fsfreeze', ['-f', disk]);
  const secrets = Array.from({ length: HUNG_FILES }, (_, i) => `<${(16 + i) * 8}>t: secret ${i}`);
  await sendLocal(daemon.socket, secrets);
  for (let round = 0; round < 20; round++) {
    await sendLocal(daemon.socket, [...secrets, `<13>t: good ${round}`]);
    await daemon.line('good', new RegExp(`good ${round}$`, 'm'));
  }
  // A rule on the hung disk that is new is refused in time; the others stay in force.
  daemon.configure([...hung, 'user.* DIR/good', 'user.* DIR/disk/new', 'syslog.* -DIR/self'].join('\n'));
  await daemon.reload();
  await daemon.line('self', /cannot open file ".*disk\/new": not open after 3 seconds/);
  await sendLocal(daemon.socket, ['<13>t: last']);
  await daemon.line('good', /last$/m);
  const begin = performance.now();
  daemon.child.kill('SIGTERM');
  await daemon.line('self', /exiting on signal SIGTERM/);
  // The process itself cannot vanish while the kernel holds its threads; what it owns is given back all the same.
  await until('the pid file is gone', () => !existsSync(daemon.pidFile));
  t.diagnostic(`ended after ${Math.round(performance.now() - begin)} ms`);
  execFileSync('fsfreeze', ['-u', disk]);
  assert.equal((await daemon.exited).code, 4);
  assert.equal(readFileSync(daemon.path('good'), 'utf8').includes('secret'), false);
  for (let i = 0; i < HUNG_FILES; i++)
    for (const line of readFileSync(daemon.path(`disk/hung${i}`), 'utf8')
      .split('\n')
      .slice(0, -1))
      assert.match(line, new RegExp(` t: secret ${i}$| last message repeated \\d+ times$`));
});
