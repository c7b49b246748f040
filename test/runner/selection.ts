/**
 * Which files of tests run. A file is named by its path below test, without `.test.js`: `unit/conf/words`.
 */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { builtPath, projectPath } from '../support/project.ts';

const ENDING = '.test.js';
/** Tests that run whole programs take long. */
const SLOW_FOLDERS = /^(?:scenario|interop)\//;
/** The one scenario that every Node.js and every quick run must pass. */
const FIRST_SCENARIO = 'scenario/first-steps';
/** A quick run has this in addition to the fast ones: one whole life of a daemon. */
const LIFE_SCENARIO = 'scenario/life';
/**
 * A quick run leaves out what last took this many times as long as the median file. Not a number of seconds: on a busy
 * machine all files take longer.
 */
const SLOW_FACTOR = 8;

/** @returns the names of all files, in order, without files compiled from a source that is gone */
export function listNames(): readonly string[] {
  return readdirSync(builtPath('test'), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith(ENDING))
    .map((path) => path.slice(0, -ENDING.length))
    .filter((name) => existsSync(projectPath('test', `${name}.test.ts`)))
    .toSorted();
}

/** @returns the compiled file */
export function pathOf(name: string): string {
  return builtPath('test', `${name}${ENDING}`);
}

/** @param parts of paths, such as `unit/conf` or `restart-fifo.test`; none: all names match */
export function selectByParts(names: readonly string[], parts: readonly string[]): readonly string[] {
  if (parts.length === 0) return names;
  return names.filter((name) => parts.some((part) => contains(name, part)));
}

/** @returns those that no name contains */
export function unmatchedParts(names: readonly string[], parts: readonly string[]): readonly string[] {
  return parts.filter((part) => !names.some((name) => contains(name, part)));
}

function contains(name: string, part: string): boolean {
  return join('/test', `${name}${ENDING}`).includes(part.replace(/\.ts$/, '.js'));
}

/** @returns those that run at most one program, which must pass on each Node.js */
export function selectFast(names: readonly string[]): readonly string[] {
  return names.filter((name) => !SLOW_FOLDERS.test(name) || name === FIRST_SCENARIO);
}

export interface QuickSelection {
  readonly chosen: readonly string[];
  /** Selected, but left out because it took long when it last ran. */
  readonly tooSlow: readonly string[];
}

/** @param secondsOf how long a file took when it last ran; undefined: it has not run */
export function selectQuick(names: readonly string[], secondsOf: (name: string) => number | undefined): QuickSelection {
  const fast = new Set(selectFast(names));
  const wanted = names.filter((name) => fast.has(name) || name === LIFE_SCENARIO);
  const seconds = wanted.flatMap((name) => secondsOf(name) ?? []).toSorted((one, other) => one - other);
  const limit = SLOW_FACTOR * (seconds[Math.floor(seconds.length / 2)] ?? Number.POSITIVE_INFINITY);
  const isSlow = (name: string): boolean => !SLOW_FOLDERS.test(name) && (secondsOf(name) ?? 0) > limit;
  return { chosen: wanted.filter((name) => !isSlow(name)), tooSlow: wanted.filter(isSlow) };
}
