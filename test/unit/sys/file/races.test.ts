/**
 * A folder, and then a file, that another process replaces by a link as fast as it can, while everything that the
 * daemon opens, makes, renames or removes is done there again and again: nothing outside is ever touched.
 */
import assert from 'node:assert/strict';
import { closeSync, lstatSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { ControlPipe } from '../../../../src/control/control-pipe.ts';
import { PidFile } from '../../../../src/process/pid-file.ts';
import { KernelCache } from '../../../../src/input/kernel/kernel-cache.ts';
import { clearStaleSocket, SocketFile } from '../../../../src/sys/socket/socket-file.ts';
import { MadeFifos } from '../../../../src/output/pipe/made-fifos.ts';
import { openTarget } from '../../../../src/output/target/open-target.ts';
import { bindUnix, closeSocket, createUnixSocket } from '../../../../src/sys/socket/sockets.ts';
import { bindUnixStream } from '../../../../src/sys/socket/listen-socket.ts';
import { RotationRig } from '../../../support/rotation-rig.ts';
import { SwappedFolder } from '../../../support/swapping.ts';
import { until } from '../../../support/until.ts';

const ROUNDS = 2000;

/** @returns whether it worked */
type Attempt = (path: string) => Promise<boolean> | boolean;

interface Attack {
  readonly title: string;
  readonly name: string;
  readonly attempt: Attempt;
}

const ATTACKS: readonly Attack[] = [
  {
    title: 'a log file is opened, or made, and written to',
    name: 'x.log',
    attempt: async (path) => {
      const target = await openTarget(path, 0o644);
      writeSync(target.fd, 'line\n');
      await target.close();
      return true;
    },
  },
  {
    title: 'the pid file is made, written and removed',
    name: 'pid',
    attempt: (path) => {
      PidFile.acquire(path).release();
      return true;
    },
  },
  {
    title: 'the cache of the kernel log is made, read and written',
    name: 'cache',
    attempt: (path) => {
      const cache = new KernelCache(path);
      try {
        cache.read();
        cache.write(1);
        return true;
      } finally {
        cache.close();
      }
    },
  },
  {
    title: 'a FIFO is made and removed',
    name: 'fifo',
    attempt: (path) => {
      const fifos = new MadeFifos();
      fifos.enter(path);
      try {
        fifos.make(path, 0o622);
        return true;
      } finally {
        fifos.leave(path);
      }
    },
  },
  {
    title: 'the control pipe is made and removed',
    name: 'pipe',
    attempt: (path) => {
      const pipe = new ControlPipe({ path, inheritedFd: null, report: () => undefined, watcher: null });
      pipe.open();
      pipe.close();
      return true;
    },
  },
  {
    title: 'a log socket replaces a stale one, gets its mode, and is removed',
    name: 'log',
    attempt: (path) => {
      const fd = createUnixSocket();
      try {
        clearStaleSocket(path);
        bindUnix(fd, path);
        SocketFile.ofNew(path).remove();
        return true;
      } finally {
        closeSocket(fd);
      }
    },
  },
  {
    title: 'a control socket replaces a stale one',
    name: 'ctl',
    attempt: (path) => {
      clearStaleSocket(path);
      closeSync(bindUnixStream(path, 0o600));
      return true;
    },
  },
];

async function attack(attempt: Attempt, path: string): Promise<{ worked: number; refused: number }> {
  let worked = 0;
  let refused = 0;
  for (let round = 0; round < ROUNDS; round++) {
    try {
      if (await attempt(path)) worked++;
    } catch (error) {
      if (error instanceof Error && /is a symbolic link that/.test(error.message)) refused++;
    }
  }
  return { worked, refused };
}

function tell(t: TestContext, { worked, refused }: { worked: number; refused: number }): void {
  t.diagnostic(`${worked} went well, ${refused} refused`);
  assert.ok(worked > 0, 'something went well');
}

for (const { title, name, attempt } of ATTACKS) {
  test(`its folder is swapped for a link: ${title}`, async (t) => {
    const swapped = new SwappedFolder(t);
    swapped.protect(name);
    const stop = await SwappedFolder.swap(t, swapped.inside, swapped.outside);
    const found = await attack(attempt, join(swapped.inside, name));
    await stop();
    swapped.assertUntouched(name);
    tell(t, found);
    assert.ok(found.refused > 0, 'links were met');
  });

  test(`it is swapped for a link to another file: ${title}`, async (t) => {
    const swapped = new SwappedFolder(t);
    swapped.protect('precious');
    const path = join(swapped.inside, name);
    const stop = await SwappedFolder.swap(t, path, join(swapped.outside, 'precious'));
    const found = await attack(attempt, path);
    await stop();
    swapped.assertUntouched('precious');
    tell(t, found);
  });
}

test('its folder is swapped for a link: a file is rotated and its old files compressed', async (t) => {
  const swapped = new SwappedFolder(t);
  swapped.protect('f', 'f.0', 'f.1', 'f.1.gz', '.f.tsyslogd-new');
  const rig = new RotationRig(join(swapped.inside, 'f'), { rule: { sizeBytes: 30, interval: null, count: 5 } });
  assert.equal(await rig.output.open(true), null);
  const stop = await SwappedFolder.swap(t, swapped.inside, swapped.outside);
  let rounds = 0;
  // As the writes and rotations of a busy daemon come, until some have met the folder.
  await until('it was rotated', async () => {
    for (const end = rounds + 400; rounds < end; rounds++) {
      rig.queue([`line ${rounds} of some length`]);
      rig.output.rotate();
      rig.output.reopen();
      await new Promise((resolve) => setImmediate(resolve));
      await rig.rotations.compressor.settled();
    }
    return rig.reports.some((text) => text.startsWith('rotated file '));
  });
  await stop();
  await rig.close();
  swapped.assertUntouched('f', 'f.0', 'f.1', 'f.1.gz', '.f.tsyslogd-new');
  assert.ok(lstatSync(join(swapped.inside, 'f.0')).isFile(), 'it was rotated');
  rmSync(swapped.inside, { recursive: true });
});
