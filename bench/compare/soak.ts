/**
 * Memory over many millions of messages: one daemon, loaded million by million, its file checked and truncated in
 * between, like `copytruncate` of logrotate(8).
 */
import { truncateSync } from 'node:fs';
import { DEFAULT_BYTES } from '../load/sender.ts';
import type { Daemon } from './daemon.ts';
import { peakRssKib, rssKib } from './proc.ts';
import { ONE_FILE } from './rules.ts';
import { Session } from './session.ts';

export interface SoakPoint {
  /** Messages since the start. */
  readonly messages: number;
  readonly rssKib: number;
  readonly peakKib: number;
}

export interface SoakResult {
  readonly points: readonly SoakPoint[];
  /** Lines missing from the file; a busy kernel may have dropped those sent by UDP. */
  readonly missing: { readonly log: number; readonly udp: number };
  readonly seconds: number;
}

const PORTION = 1_000_000;

/** @param progress called with each point */
export async function runSoak(
  daemon: Daemon,
  messages: number,
  progress: (point: SoakPoint) => void,
): Promise<SoakResult> {
  const points: SoakPoint[] = [];
  const missing = { log: 0, udp: 0 };
  const start = performance.now();
  const session = await Session.start(daemon, ONE_FILE, { log: true, udp: true });
  try {
    for (let done = 0; done < messages; ) {
      const count = Math.min(PORTION, messages - done);
      // Every fifth portion goes by UDP, slowly enough that nothing is lost on the way.
      const way: 'log' | 'udp' = points.length % 5 === 4 ? 'udp' : 'log';
      const rate = way === 'udp' ? 100_000 : null;
      const load = await session.load({ way, count, bytes: DEFAULT_BYTES, rate, seconds: null });
      missing[way] += load.expected - load.kept;
      done += count;
      truncateSync(session.mainFile);
      const point = { messages: done, rssKib: rssKib(session.pid), peakKib: peakRssKib(session.pid) };
      points.push(point);
      progress(point);
    }
  } finally {
    await session.end();
  }
  return { points, missing, seconds: (performance.now() - start) / 1000 };
}
