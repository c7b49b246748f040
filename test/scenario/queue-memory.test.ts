/**
 * Directive `memory`: all queues together hold no more, also after a reload that changes it, and every message that
 * had to go is in the numbers that are reported.
 */
import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { test, type TestContext } from 'node:test';
import { ask, at } from '../support/control-client.ts';
import { TestDaemon } from '../support/daemon.ts';
import { sendLocal } from '../support/send.ts';
import { PATIENCE_MS, until } from '../support/until.ts';

const MIB = 1024 ** 2;
const DEAD = 5;
const COUNT = 20_000;

const rules = Array.from({ length: DEAD }, (_, i) => `user.* DIR/missing/${i}`);

function conf(memory: string): string {
  return [`memory ${memory}`, ...rules, 'user.* DIR/good', 'syslog.* -DIR/self', ''].join('\n');
}

function flood(from: number): string[] {
  return Array.from({ length: COUNT }, (_, i) => `<13>t: ${String(from + i).padStart(6, '0')} ${'x'.repeat(150)}`);
}

interface OutputNumbers {
  readonly name: string;
  readonly queuedBytes: number;
  readonly dropped: number;
}

async function outputs(t: TestContext, daemon: TestDaemon): Promise<OutputNumbers[]> {
  const found = at(at(await ask(t, daemon.path('pid.ctl'), 'status'), 'status'), 'outputs');
  assert.ok(Array.isArray(found));
  return found.map((output: unknown) => ({
    name: String(at(output, 'name')),
    queuedBytes: Number(at(output, 'queuedBytes')),
    dropped: Number(at(output, 'dropped')),
  }));
}

/** Bytes in the queues of what is out of order. */
async function queuedBytes(t: TestContext, daemon: TestDaemon): Promise<number> {
  const found = await outputs(t, daemon);
  return found.reduce((sum, output) => sum + (output.name.includes('missing') ? output.queuedBytes : 0), 0);
}

async function sendAll(daemon: TestDaemon, from: number): Promise<void> {
  await sendLocal(daemon.socket, flood(from));
  await daemon.line('good', new RegExp(` t: ${String(from + COUNT - 1).padStart(6, '0')} `));
}

/** The number of each message in a file, in the order of the lines. */
function numbers(daemon: TestDaemon, name: string): number[] {
  return daemon.lines(name).map((line) => Number(/ t: (\d{6}) x{150}$/.exec(line)?.[1]));
}

test('memory bounds all queues together, from a reload on another one does, and the numbers are true', async (t) => {
  const daemon = await TestDaemon.start(t, { conf: conf('1M') });
  await sendAll(daemon, 0);
  const small = await queuedBytes(t, daemon);
  // How much of it the good file had needed last is open.
  assert.ok(small <= MIB && small > 0, `${small} bytes with 1 MiB`);
  daemon.configure(conf('12M'));
  await daemon.reload();
  await sendAll(daemon, COUNT);
  const large = await queuedBytes(t, daemon);
  assert.ok(large <= 12 * MIB && large > 5 * MIB, `${large} bytes with 12 MiB`);
  daemon.configure(conf('4M'));
  await daemon.reload();
  const less = await queuedBytes(t, daemon);
  assert.ok(less <= 4 * MIB && less > 3 * MIB, `${less} bytes with 4 MiB`);
  // With the folder there, all that waited is written, in order.
  mkdirSync(daemon.path('missing'));
  await until(
    'all that waited is written',
    async () => (await queuedBytes(t, daemon)) === 0,
    PATIENCE_MS,
    () => daemon.lines('self').slice(-5).join('\n'),
  );
  for (let i = 0; i < DEAD; i++) {
    const told = await daemon.line('self', new RegExp(`dropped \\d+ messages to file ".*missing/${i}"$`));
    const written = numbers(daemon, `missing/${i}`);
    assert.ok(written.every((number, idx) => idx === 0 || number > (written[idx - 1] ?? 0)));
    assert.equal(written.length + Number(/dropped (\d+) /.exec(told)?.[1]), 2 * COUNT);
  }
  assert.equal((await daemon.stop()).code, 0);
  assert.deepEqual(
    numbers(daemon, 'good'),
    Array.from({ length: 2 * COUNT }, (_, i) => i),
  );
});

test('a value of memory that cannot be is refused with its place, and the reload changes nothing', async (t) => {
  const daemon = await TestDaemon.start(t, { conf: conf('8M') });
  daemon.configure(conf('8'));
  await daemon.reload();
  await daemon.line('self', /conf:1:8: bad value `8` for `memory`: expected a size from 1M to 16G$/);
  await sendAll(daemon, 0);
  const queued = await queuedBytes(t, daemon);
  assert.ok(queued <= 8 * MIB && queued > 2 * MIB, `${queued} bytes with 8 MiB`);
});
