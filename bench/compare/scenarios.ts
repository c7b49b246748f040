/**
 * The scenarios: what is sent to a daemon, and which numbers result. Each run has its own daemon.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { DEFAULT_BYTES } from '../load/sender.ts';
import type { Ability, Daemon } from './daemon.ts';
import { measureLatency } from './lone-message.ts';
import { processUse } from './proc.ts';
import { behindBlocks, DEBIAN, intoFiles, type Layout, ONE_FILE } from './rules.ts';
import { type LoadResult, QUIET_MS, Session } from './session.ts';

export interface Sizes {
  /** Messages of a run at full speed. */
  readonly flood: number;
  /** Messages before anything is measured. */
  readonly warmUp: number;
  /** Seconds of a paced run. */
  readonly pacedSec: number;
  /** Single messages. */
  readonly lone: number;
  /** Seconds without messages. */
  readonly idleSec: number;
  /** Pause after a load, until engines have collected their garbage: after it the daemon is idle. */
  readonly restMs: number;
}

export interface FloodScenario {
  readonly name: string;
  readonly title: string;
  readonly way: 'log' | 'udp';
  readonly layout: Layout;
  /** Size of each message. */
  readonly bytes: number;
  /** Relative to the number of messages in an ordinary run. */
  readonly share: number;
  /** What a daemon must support. */
  readonly needs: readonly Ability[];
  /** Part of the quick comparison, and of that of several Node.js versions. */
  readonly main: boolean;
}

/** Approximate maximum duration of a load: some daemons need half a millisecond per message with 5,000 conditions. */
const LONGEST_SEC = 4;
/** With them a batch takes its time: files that do not grow for this long are finished, ms. */
const SLOW_QUIET_MS = 1500;
/** Messages that show how fast a daemon is here, … */
const PROBE = 2000;
/** … and the rate below which it gets no more warm-up, and fewer messages. */
const SLOW_PER_SEC = 20_000;

const LOG: Pick<FloodScenario, 'way' | 'layout' | 'bytes' | 'share' | 'main'> = {
  way: 'log',
  layout: ONE_FILE,
  bytes: DEFAULT_BYTES,
  share: 1,
  main: false,
};

function blocks(of: 'program' | 'host', count: number): FloodScenario {
  const ability = of === 'program' ? 'program-blocks' : 'host-blocks';
  return {
    ...LOG,
    name: `${of}-blocks-${count}`,
    title: `Log socket, behind ${count.toLocaleString('en-US')} ${of} blocks that do not match`,
    layout: behindBlocks(of, count),
    share: 0.5,
    needs: ['log', ability],
  };
}

function files(count: number): FloodScenario {
  return {
    ...LOG,
    name: `files-${count}`,
    title: `Log socket, 500 programs, each message to one of ${count} files`,
    layout: intoFiles(count),
    share: 0.5,
    needs: ['log', 'many-files'],
  };
}

export const FLOODS: readonly FloodScenario[] = [
  { ...LOG, name: 'log-one', title: 'Log socket, one file', needs: ['log'], main: true },
  {
    ...LOG,
    name: 'log-debian',
    title: "Log socket, Debian's twelve rules",
    layout: DEBIAN,
    needs: ['log', 'rules'],
    main: true,
  },
  { ...LOG, name: 'udp', title: 'UDP on loopback, one file', way: 'udp', needs: ['udp'], main: true },
  { ...LOG, name: 'log-60', title: 'Log socket, one file, messages of 60 bytes', bytes: 60, needs: ['log'] },
  {
    ...LOG,
    name: 'log-8192',
    title: 'Log socket, one file, messages of 8,192 bytes',
    bytes: 8192,
    share: 0.1,
    needs: ['log', 'long'],
  },
  blocks('program', 10),
  blocks('program', 5000),
  blocks('host', 10),
  blocks('host', 5000),
  files(5),
  files(500),
];

/** A daemon with little to do: one run gives everything. */
export const QUIET = 'quiet';
export const QUIET_RATE = 1000;

export interface QuietResult {
  readonly log: LoadResult;
  readonly udp: LoadResult;
  /** Latencies of single messages on the log socket, ms. */
  readonly latenciesMs: readonly number[];
  /** Context switches per second without messages. */
  readonly idleSwitchesPerSec: number;
  /** Processor time per second without messages, µs. */
  readonly idleCpuUsPerSec: number;
}

function hasAbilities(daemon: Daemon, needs: readonly Ability[]): boolean {
  return needs.every((need) => daemon.can.has(need));
}

/** Whether a daemon can take part. */
export function takesPart(daemon: Daemon, scenario: FloodScenario): boolean {
  if (daemon.role === 'other-node' && !scenario.main) return false;
  return hasAbilities(daemon, scenario.needs);
}

export function takesQuietPart(daemon: Daemon): boolean {
  return daemon.role !== 'limit' && hasAbilities(daemon, ['log', 'udp']);
}

/** One load at full speed. */
export async function runFlood(daemon: Daemon, scenario: FloodScenario, sizes: Sizes): Promise<LoadResult> {
  const { layout, way, bytes, share } = scenario;
  const udp = way === 'udp';
  const session = await Session.start(daemon, layout, { log: !udp, udp });
  const each = { way, bytes, rate: null, seconds: LONGEST_SEC, quietMs: SLOW_QUIET_MS };
  const count = Math.ceil(sizes.flood * share);
  try {
    if (layout.idle !== null) {
      const { messagesPerSec } = await session.load({ ...each, count: PROBE });
      if (messagesPerSec < SLOW_PER_SEC)
        return await session.load({ ...each, count: Math.min(count, Math.ceil(messagesPerSec * LONGEST_SEC)) });
    }
    const quick = { ...each, quietMs: QUIET_MS };
    // Fewer messages suffice as a warm-up if they are long.
    await session.load({ ...quick, count: Math.ceil(sizes.warmUp * Math.min(1, 2 * share)) });
    return await session.load({ ...quick, count });
  } finally {
    await session.end();
  }
}

/** Idle time, single messages, then a thousand per second on both inputs. */
export async function runQuiet(daemon: Daemon, sizes: Sizes): Promise<QuietResult> {
  const session = await Session.start(daemon, ONE_FILE, { log: true, udp: true });
  const warmUp = { count: sizes.warmUp, bytes: DEFAULT_BYTES, rate: null, seconds: LONGEST_SEC };
  const paced = { ...warmUp, count: sizes.pacedSec * QUIET_RATE, rate: QUIET_RATE, seconds: null };
  try {
    await session.load({ ...warmUp, way: 'log' });
    await session.load({ ...warmUp, way: 'udp' });
    await delay(sizes.restMs);
    const before = processUse(session.pid);
    await delay(sizes.idleSec * 1000);
    const after = processUse(session.pid);
    const latenciesMs = await measureLatency(session, sizes.lone);
    return {
      latenciesMs,
      idleSwitchesPerSec: (after.switches - before.switches) / sizes.idleSec,
      idleCpuUsPerSec: (after.cpuUs - before.cpuUs) / sizes.idleSec,
      log: await session.load({ ...paced, way: 'log' }),
      udp: await session.load({ ...paced, way: 'udp' }),
    };
  } finally {
    await session.end();
  }
}
