/**
 * A dozen destinations of every broken kind at once, and two senders as fast as the daemon lets them: the one file
 * that works gets every message, memory stays bounded, and each failure is one line.
 */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { closeSync, constants, mkdirSync, openSync, readFileSync, statfsSync, statSync, writeFileSync } from 'node:fs';
import { test, type TestContext } from 'node:test';
import { makeFifo } from '../../src/sys/file/fifo.ts';
import { cleanUp, TestDaemon } from '../support/daemon.ts';
import { assertComplete, NumberedSender } from '../support/numbered-sender.ts';
import { freeUdpPort } from '../support/ports.ts';
import { Pty, ptyMissing } from '../support/pty.ts';
import { PATIENCE_MS, until } from '../support/until.ts';

const { O_NONBLOCK, O_RDONLY } = constants;
const DOZEN = 12;
/** As fast as the daemon reads. */
const FULL_SPEED = 1e9;
/** Sent until the good file is so long: half of the queues alone could hold six times the memory then. */
const GOOD_BYTES = 2 * 1024 * 1024;
const DISK_BYTES = 256 * 1024;
const MEMORY = '16M';
/** 16 MiB for all queues, some 80 for the program itself. */
const MEMORY_MAX_KIB = 136 * 1024;

function dozen(rule: (i: number) => string): string[] {
  return Array.from({ length: DOZEN }, (_, i) => rule(i));
}

/** Highest resident memory of a process so far. */
function peakKib(pid: string): number {
  return Number(/^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1]);
}

/** What the daemon said of itself, without time and pid. */
function ownTexts(lines: readonly string[]): string[] {
  return lines.flatMap((line) => / tsyslogd\[\d+\]: (.*)$/.exec(line)?.[1] ?? []);
}

/** A disk without room from the beginning: one that only fills up has a little again now and then, for a slow sender. */
function fullDisk(t: TestContext, dir: string): string {
  const disk = `${dir}/disk`;
  mkdirSync(disk);
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${DISK_BYTES}`, 'tmpfs', disk]);
  cleanUp(t, () => execFileSync('umount', ['-l', disk]));
  // As many bytes as there are: none is left to a file that is made afterwards.
  writeFileSync(`${disk}/filler`, Buffer.alloc(DISK_BYTES));
  assert.equal(statfsSync(disk).bfree, 0);
  return disk;
}

async function brokenRules(t: TestContext, dir: string): Promise<string[]> {
  const isRoot = process.getuid?.() === 0;
  const full = isRoot ? fullDisk(t, dir) : null;
  const terminals: string[] = [];
  for (let i = 0; i < DOZEN; i++) {
    const pty = await Pty.open(t);
    await pty.stop();
    terminals.push(pty.path);
    makeFifo(`${dir}/unread${i}`, 0o600);
    const reader = openSync(`${dir}/unread${i}`, O_RDONLY | O_NONBLOCK);
    cleanUp(t, () => closeSync(reader));
  }
  const ports: number[] = [];
  for (let i = 0; i < DOZEN; i++) ports.push(await freeUdpPort());
  return [
    ...dozen((i) => `*.* DIR/missing/${i}`),
    ...dozen((i) => (full === null ? '*.* /dev/full' : `*.* ${full}/${i}`)),
    ...dozen((i) => `*.* |DIR/fifo${i}`),
    ...dozen((i) => `*.* |DIR/unread${i}`),
    ...dozen((i) => `*.* |exec sleep 1000${i}`),
    ...dozen((i) => `*.* |exit 1${i}`),
    ...terminals.map((path) => `*.* ${path}`),
    ...dozen((i) => `*.* tsyslog-nobody-${i}`),
    ...ports.map((port) => `*.* @127.0.0.1:${port}`),
    ...dozen((i) => `*.* @no-such-host-${i}.invalid`),
  ];
}

test('a dozen of every kind that is out of order harm no file, use little memory, and write few lines', {
  skip: ptyMissing(),
}, async (t) => {
  const dir = TestDaemon.folder(t);
  const broken = await brokenRules(t, dir);
  const daemon = await TestDaemon.start(
    t,
    { conf: [`memory ${MEMORY}`, ...broken, '*.* DIR/good'].join('\n'), args: ['-s'] },
    dir,
  );
  const senders = [
    await NumberedSender.start(t, 'local', daemon.socket, 'one', FULL_SPEED),
    await NumberedSender.start(t, 'local', daemon.socket, 'two', FULL_SPEED),
  ];
  await until('the good file is long', () => statSync(daemon.path('good')).size >= GOOD_BYTES, 4 * PATIENCE_MS);
  const sent = await Promise.all(senders.map((sender) => sender.stop()));
  await until('the last messages are written', () => {
    const tail = readFileSync(daemon.path('good'), 'latin1').slice(-100_000);
    return senders.every(({ tag }, i) => tail.includes(` ${tag}: ${(sent[i] ?? 0) - 1}\n`));
  });
  const peak = peakKib(readFileSync(daemon.pidFile, 'latin1').trim());
  t.diagnostic(`${sent.join(' and ')} messages, at most ${peak} KiB`);
  assert.ok(peak < MEMORY_MAX_KIB, `${peak} KiB`);
  // One when a failure begins; of a dead command how it ended, of a lost host why.
  const own = ownTexts(daemon.lines('good'));
  assert.ok(own.length <= broken.length + 5, `${own.length} own lines:\n${own.join('\n')}`);
  assert.equal(new Set(own).size, own.length, `no line is there twice:\n${own.join('\n')}`);
  await daemon.stop();
  const lines = daemon.lines('good');
  for (const [i, { tag }] of senders.entries()) assertComplete(lines, tag, sent[i] ?? 0);
  const all = ownTexts(lines);
  assert.equal(all.filter((text) => /messages? to file ".*good"/.test(text)).length, 0);
  assert.ok(all.length <= 3 * broken.length + 10, `${all.length} own lines in the end`);
});
