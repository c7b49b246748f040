import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { native } from '../../../../src/sys/call/native.ts';
import { watchReadable, watchReadableAtOnce, watchWritable } from '../../../../src/sys/call/readiness.ts';
import { bindUnix, closeSocket, createUnixSocket } from '../../../../src/sys/socket/sockets.ts';
import { builtPath } from '../../../support/project.ts';
import { run, sendUnix, temporaryDirectory } from '../../../support/receiving.ts';

const READ = JSON.stringify(builtPath('src/sys/call/readiness.js'));
const SOCKETS = JSON.stringify(builtPath('src/sys/socket/sockets.js'));
const NATIVE = JSON.stringify(builtPath('src/sys/call/native.js'));
const SEND = JSON.stringify(builtPath('test/support/receiving.js'));

function boundSocket(t: Parameters<typeof temporaryDirectory>[0]): { fd: number; path: string } {
  const path = join(temporaryDirectory(t), 'log');
  const fd = createUnixSocket();
  bindUnix(fd, path);
  t.after(() => closeSocket(fd));
  return { fd, path };
}

async function turn(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 1));
}

test('koffi calls its poll callback with (status, events)', async (t) => {
  const { fd, path } = boundSocket(t);
  sendUnix(path, Buffer.from('a'));
  const args = await new Promise<unknown[]>((resolve) => {
    const handle = native().poll(fd, { readable: true, writable: false }, (...found) => {
      handle.close();
      resolve(found);
    });
  });
  assert.deepEqual(args, [0, { readable: true, writable: false, disconnect: false }]);
});

test('watchReadable calls back as long as there is something to read', async (t) => {
  const { fd, path } = boundSocket(t);
  sendUnix(path, Buffer.from('a'));
  let calls = 0;
  await new Promise<void>((resolve) => {
    const readiness = watchReadable(fd, () => {
      calls++;
      if (calls < 3) return;
      readiness.close();
      resolve();
    });
  });
  await turn();
  assert.equal(calls, 3);
});

test('watchWritable calls back on a socket with room', async (t) => {
  const { fd } = boundSocket(t);
  await new Promise<void>((resolve) => {
    const readiness = watchWritable(fd, () => {
      readiness.close();
      resolve();
    });
  });
});

test('nothing is called back between pause and resume', async (t) => {
  const { fd, path } = boundSocket(t);
  let calls = 0;
  let paused = false;
  const done = new Promise<void>((resolve) => {
    const readiness = watchReadable(fd, () => {
      assert.equal(paused, false);
      calls++;
      if (calls === 2) {
        readiness.close();
        resolve();
        return;
      }
      paused = true;
      readiness.pause();
      setTimeout(() => {
        paused = false;
        readiness.resume();
      }, 20);
    });
  });
  sendUnix(path, Buffer.from('a'));
  await done;
  assert.equal(calls, 2);
});

/** Runs a module with a bound socket `fd` at `path` and something to read in it. */
async function runWithSocket(text: string, ...flags: readonly string[]): ReturnType<typeof run> {
  return await run(process.execPath, [
    ...flags,
    '--input-type=module',
    '-e',
    `const { watchReadable, watchReadableAtOnce } = await import(${READ});
     const { native } = await import(${NATIVE});
     const { createUnixSocket, bindUnix } = await import(${SOCKETS});
     const { sendUnix } = await import(${SEND});
     import { mkdtempSync, rmSync } from 'node:fs';
     import { tmpdir } from 'node:os';
     const dir = mkdtempSync(tmpdir() + '/tsyslogd-test-');
     process.on('exit', () => rmSync(dir, { recursive: true }));
     const path = dir + '/log';
     const fd = createUnixSocket();
     bindUnix(fd, path);
     ${text}`,
  ]);
}

test('koffi alone swallows an exception of the callback and never calls back again', async () => {
  const { stdout, status } = await runWithSocket(`
    let calls = 0;
    globalThis.handle = native().poll(fd, { readable: true, writable: false }, () => { calls++; throw new Error('lost'); });
    process.on('uncaughtException', () => console.log('uncaught'));
    sendUnix(path, Buffer.from('a'));
    const look = () => {
      if (calls === 0) setTimeout(look, 5);
      else setTimeout(() => { console.log(calls); process.exit(0); }, 200);
    };
    look();`);
  assert.deepEqual([stdout, status], ['1\n', 0]);
});

test('an exception in the callback of watchReadable is an uncaught exception, and polling goes on', async () => {
  const { stdout } = await runWithSocket(`
    let calls = 0;
    process.on('uncaughtException', (error) => {
      console.log(error.message);
      if (calls === 3) process.exit(0);
    });
    globalThis.keep = watchReadable(fd, () => { calls++; throw new Error('thrown ' + calls); });
    sendUnix(path, Buffer.from('a'));`);
  assert.equal(stdout, 'thrown 1\nthrown 2\nthrown 3\n');
});

test('promises and process.nextTick run straight after the callback', async () => {
  const { stdout } = await runWithSocket(`
    const readiness = watchReadable(fd, () => {
      readiness.close();
      process.nextTick(() => console.log('tick'));
      Promise.resolve().then(() => console.log('promise'));
      setImmediate(() => { console.log('immediate'); process.exit(0); });
    });
    sendUnix(path, Buffer.from('a'));`);
  assert.equal(stdout, 'tick\npromise\nimmediate\n');
});

test('the poll of watchReadable survives garbage collection as long as its owner is held', async () => {
  const { stdout } = await runWithSocket(
    `
    let calls = 0;
    globalThis.owner = { readiness: watchReadable(fd, () => {
      if (++calls === 50) { console.log('50 calls'); process.exit(0); }
      gc();
      globalThis.junk = Array.from({ length: 1000 }, () => new Uint8Array(1000));
    }) };
    for (let i = 0; i < 5; i++) gc();
    setTimeout(() => { gc(); sendUnix(path, Buffer.from('a')); }, 10);`,
    '--expose-gc',
  );
  assert.equal(stdout, '50 calls\n');
});

test('watchReadableAtOnce calls back as long as there is something to read', async (t) => {
  const { fd, path } = boundSocket(t);
  sendUnix(path, Buffer.from('a'));
  let calls = 0;
  await new Promise<void>((resolve) => {
    const readiness = watchReadableAtOnce(fd, () => {
      calls++;
      if (calls === 3) {
        readiness.close();
        setImmediate(resolve);
      }
      return false;
    });
  });
  await turn();
  assert.equal(calls, 3);
});

test('what a callback of watchReadableAtOnce leaves to promises and process.nextTick runs, where it says so', async () => {
  const { stdout } = await runWithSocket(`
    globalThis.readiness = watchReadableAtOnce(fd, () => {
      readiness.pause();
      process.nextTick(() => console.log('tick'));
      Promise.resolve().then(() => { console.log('promise'); process.exit(0); });
      return true;
    });
    sendUnix(path, Buffer.from('a'));
    setTimeout(() => undefined, 60_000);`);
  assert.equal(stdout, 'tick\npromise\n');
});

test('an exception in the callback of watchReadableAtOnce is an uncaught exception, and polling goes on', async () => {
  const { stdout } = await runWithSocket(`
    let calls = 0;
    process.on('uncaughtException', (error) => {
      console.log(error.message);
      if (calls >= 2) process.exit(0);
    });
    globalThis.keep = watchReadableAtOnce(fd, () => { calls++; throw new Error('thrown ' + calls); });
    sendUnix(path, Buffer.from('a'));`);
  assert.match(stdout, /^thrown 1\nthrown 2\n/);
});
