/**
 * Latency of a single message: from the call that sends it until its line is visible in the file.
 *
 * The file's length is checked only every 50 µs or so: a probe that never sleeps would take a processor from daemons
 * that pass the message between threads. Values are accurate to a tenth of a millisecond.
 */
import { closeSync, fstatSync, openSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { pauseMs } from '../load/sender.ts';
import type { Session } from './session.ts';

const GIVE_UP_MS = 1000;
const LOOK_MS = 0.05;
/** Pause between messages, ms: never in step with a timer of the daemon. */
const PAUSE = { leastMs: 15, spreadMs: 20 } as const;

/** @returns the latency of each message, ms; infinite for one that did not appear within a second */
export async function measureLatency(session: Session, count: number): Promise<number[]> {
  const sender = session.sender('log');
  const fd = openSync(session.mainFile, 'r');
  const latencies: number[] = [];
  for (let i = 0; i < count; i++) {
    await delay(PAUSE.leastMs + Math.random() * PAUSE.spreadMs);
    const { size } = fstatSync(fd);
    const start = performance.now();
    sender.send(session.takeNumber(), 1);
    latencies.push(waitForGrowth(fd, size, start));
  }
  closeSync(fd);
  sender.close();
  return latencies;
}

function waitForGrowth(fd: number, size: number, start: number): number {
  for (;;) {
    const grown = fstatSync(fd).size > size;
    const passedMs = performance.now() - start;
    if (grown) return passedMs;
    if (passedMs > GIVE_UP_MS) return Number.POSITIVE_INFINITY;
    pauseMs(LOOK_MS);
  }
}
