/**
 * The scenarios: what is sent to a daemon, and which numbers come of it. Each run has a daemon of its own.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { Daemon } from './daemons.ts';
import { measureLatency } from './lone-message.ts';
import { processUse } from './proc.ts';
import { DEBIAN_RULES, ONE_FILE, type Rule } from './rules.ts';
import { type LoadResult, Session } from './session.ts';

export interface Sizes {
  /** Messages of a full speed run. */
  readonly flood: number;
  /** Messages before anything is measured. */
  readonly warmUp: number;
  /** Seconds of a paced run. */
  readonly pacedSec: number;
  /** Lone messages. */
  readonly lone: number;
  /** Seconds of idleness. */
  readonly idleSec: number;
}

export interface FloodScenario {
  readonly name: string;
  readonly title: string;
  readonly way: 'log' | 'udp';
  readonly rules: readonly Rule[];
}

export const FLOODS: readonly FloodScenario[] = [
  { name: 'log-one', title: 'Log socket, full speed, one file', way: 'log', rules: ONE_FILE },
  { name: 'log-debian', title: "Log socket, full speed, Debian's twelve rules", way: 'log', rules: DEBIAN_RULES },
  { name: 'udp', title: 'UDP on loopback, full speed, one file', way: 'udp', rules: ONE_FILE },
];

/** A daemon with little to do: one run gives all of it. */
export const QUIET = 'quiet';
export const QUIET_RATE = 1000;

export interface QuietResult {
  readonly log: LoadResult;
  readonly udp: LoadResult;
  /** Latencies of lone messages on the log socket, ms. */
  readonly latenciesMs: readonly number[];
  /** Context switches a second without any message. */
  readonly idleSwitchesPerSec: number;
  /** Processor time a second without any message, µs. */
  readonly idleCpuUsPerSec: number;
}

const REST_MS = 1500;

/** Whether a daemon can take part: the limit has one input and one file only. */
export function takesPart(daemon: Daemon, scenario: string): boolean {
  return !daemon.isLimit || scenario === 'log-one' || scenario === 'udp';
}

/** One load at full speed. */
export async function runFlood(daemon: Daemon, scenario: FloodScenario, sizes: Sizes): Promise<LoadResult> {
  const udp = scenario.way === 'udp';
  const session = await Session.start(daemon, scenario.rules, { log: !udp, udp });
  try {
    await session.load(scenario.way, sizes.warmUp, null);
    return await session.load(scenario.way, sizes.flood, null);
  } finally {
    await session.end();
  }
}

/** Idleness, lone messages, then a thousand a second on both inputs. */
export async function runQuiet(daemon: Daemon, sizes: Sizes): Promise<QuietResult> {
  const session = await Session.start(daemon, ONE_FILE, { log: true, udp: true });
  try {
    await session.load('log', sizes.warmUp, null);
    await session.load('udp', sizes.warmUp, null);
    await delay(REST_MS);
    const before = processUse(session.pid);
    await delay(sizes.idleSec * 1000);
    const after = processUse(session.pid);
    const latenciesMs = await measureLatency(session, sizes.lone);
    const count = sizes.pacedSec * QUIET_RATE;
    return {
      latenciesMs,
      idleSwitchesPerSec: (after.switches - before.switches) / sizes.idleSec,
      idleCpuUsPerSec: (after.cpuUs - before.cpuUs) / sizes.idleSec,
      log: await session.load('log', count, QUIET_RATE),
      udp: await session.load('udp', count, QUIET_RATE),
    };
  } finally {
    await session.end();
  }
}
