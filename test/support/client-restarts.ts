/**
 * Many threads of many processes log while the daemon is restarted: nothing is lost, and each thread's messages are in
 * its order.
 */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createReadStream, existsSync, statSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import type { TestContext } from 'node:test';
import { cleanUp } from './daemon.ts';
import { builtPath } from './project.ts';
import { RestartingDaemon } from './restarting.ts';
import { until } from './until.ts';

export interface Sizes {
  readonly processes: number;
  readonly threads: number;
  readonly messages: number;
  readonly restarts: number;
}

export interface Outcome {
  readonly elapsedMs: number;
  readonly reconnects: number;
}

const PATIENCE_MS = 3_600_000;
/** About what a line takes in the file. */
const LINE_BYTES = 30;
const DAEMON = { conf: 'user.* DIR/all' };
/** Behind the host: `p0t1: 17`. */
const NUMBERED = / (p\d+t\d+): (\d+)$/;

interface Sent {
  readonly ident: string;
  readonly dropped: number;
  readonly reconnects: number;
}

function isSent(value: unknown): value is Sent {
  return typeof value === 'object' && value !== null && 'ident' in value && 'dropped' in value && 'reconnects' in value;
}

function startSender(t: TestContext, args: readonly string[]): Promise<readonly Sent[]> {
  const child = spawn(process.execPath, [builtPath('test', 'support', 'client-sender.js'), ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  cleanUp(t, () => child.kill('SIGKILL'));
  const ended = once(child, 'exit');
  return Promise.all([text(child.stdout), ended]).then(([out, [code]]) => {
    assert.equal(code, 0, 'the sender ended well');
    return out
      .trim()
      .split('\n')
      .map((line): unknown => JSON.parse(line))
      .filter(isSent);
  });
}

/** Every other time by `restart`, and by ending one and starting the next. */
async function restart(t: TestContext, daemon: RestartingDaemon, number: number): Promise<RestartingDaemon> {
  if (number % 2 === 0) {
    await daemon.restart();
    return daemon;
  }
  await daemon.stop();
  return await RestartingDaemon.start(t, DAEMON, daemon.dir);
}

/** @returns the next number of each thread that is expected in the file */
async function checkOrder(path: string): Promise<ReadonlyMap<string, number>> {
  const next = new Map<string, number>();
  for await (const line of createInterface({ input: createReadStream(path) })) {
    const [, tag = '', number = ''] = NUMBERED.exec(line) ?? [];
    const expected = next.get(tag) ?? 0;
    assert.equal(Number(number), expected, `in the order of its thread: ${line}`);
    next.set(tag, expected + 1);
  }
  return next;
}

export async function logThroughRestarts(t: TestContext, sizes: Sizes, tell: (what: string) => void): Promise<Outcome> {
  const { processes, threads, messages, restarts } = sizes;
  const each = messages / processes / threads;
  assert.ok(Number.isInteger(each));
  let daemon = await RestartingDaemon.start(t, DAEMON);
  const { dir } = daemon;
  const bytes = (): number => (existsSync(`${dir}/all`) ? statSync(`${dir}/all`).size : 0);
  const startMs = performance.now();
  const senders = Array.from({ length: processes }, (_, n) =>
    startSender(t, [`${dir}/log`, `p${n}`, String(threads), String(each)]),
  );
  const all = Promise.all(senders);
  for (let number = 0; number < restarts; number++) {
    const wanted = (messages * LINE_BYTES * (number + 0.5)) / restarts;
    await Promise.race([all, until('so much is logged', () => bytes() > wanted, PATIENCE_MS)]);
    daemon = await restart(t, daemon, number);
    tell(`restart ${number + 1} after ${Math.round(bytes() / LINE_BYTES)} messages`);
  }
  const sent = (await all).flat();
  const elapsedMs = performance.now() - startMs;
  await daemon.stop();
  assert.equal(sent.length, processes * threads);
  assert.deepEqual(
    sent.filter(({ dropped }) => dropped > 0),
    [],
  );
  const found = await checkOrder(`${dir}/all`);
  assert.deepEqual([...found.keys()].toSorted(), sent.map(({ ident }) => ident).toSorted());
  for (const [tag, count] of found) assert.equal(count, each, `${tag}: all of its messages`);
  return { elapsedMs, reconnects: sent.reduce((sum, { reconnects }) => sum + reconnects, 0) };
}
