/**
 * What a message says of the machine and of this process. Tests put their own in its place.
 */
import { hostname, userInfo } from 'node:os';
import { readMachineZone } from '../../engine/settings/machine-zone.ts';
import { clockErrorUs } from '../../sys/sending/clock-quality.ts';
import { utf8Bytes } from './raw-arguments.ts';

export interface Surroundings {
  /**
   * @param fine parts of milliseconds matter
   * @returns microseconds since the epoch
   */
  readonly nowUs: (fine: boolean) => number;
  /** @returns minutes east of UTC at an instant, seconds since the epoch */
  readonly offsetMinAt: (utcSec: number) => number;
  /** @returns the largest error of the clock in microseconds; null: nothing keeps it right */
  readonly clockErrorUs: () => number | null;
  readonly host: () => string;
  readonly pid: number;
}

const TEST_NAME = 'test_logger';
/** Further apart the clock of the process and that of the machine are two clocks: somebody has set it. */
const CLOCKS_APART_MS = 5;

/**
 * @param program under the name `test_logger` variables of the environment decide, as in the tests of util-linux
 */
export function surroundingsOf(program: string, env: NodeJS.ProcessEnv = process.env): Surroundings {
  const zone = readMachineZone(env);
  const own: Surroundings = {
    nowUs,
    offsetMinAt: (utcSec) => zone.offsetMinAt(utcSec),
    clockErrorUs,
    host: () => utf8Bytes(hostname()),
    pid: process.pid,
  };
  return program === TEST_NAME ? testSurroundings(own, env) : own;
}

/** The clock of the process knows parts of milliseconds, is not set with the machine's, and takes long to load. */
function nowUs(fine: boolean): number {
  const coarseMs = Date.now();
  if (!fine) return coarseMs * 1000;
  const fineMs = performance.timeOrigin + performance.now();
  return Math.floor((Math.abs(fineMs - coarseMs) < CLOCKS_APART_MS ? fineMs : coarseMs) * 1000);
}

function testSurroundings(own: Surroundings, env: NodeJS.ProcessEnv): Surroundings {
  const [, sec, usec] = /^(\d+)\.(\d+)/.exec(env['LOGGER_TEST_TIMEOFDAY'] ?? '') ?? [];
  const host = env['LOGGER_TEST_HOSTNAME'];
  const pid = env['LOGGER_TEST_GETPID'];
  return {
    ...own,
    clockErrorUs: () => null,
    ...(sec === undefined ? {} : { nowUs: () => Number(sec) * 1e6 + Number(usec) }),
    ...(host === undefined ? {} : { host: () => host }),
    ...(pid !== undefined && /^\d+/.test(pid) ? { pid: Number.parseInt(pid, 10) } : {}),
  };
}

/** @returns the name of the user that this process runs as; null: it has none */
export function userName(): string | null {
  try {
    return utf8Bytes(userInfo().username);
  } catch {
    return null;
  }
}
