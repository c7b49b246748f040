/**
 * Processes recognized by a variable in their environment, which everything they start inherits.
 */
import { readdirSync, readFileSync } from 'node:fs';

export interface Mark {
  /** Name of the variable. */
  readonly name: string;
  readonly value: string;
}

export interface MarkedProcess {
  readonly pid: number;
  readonly command: string;
}

/** Rounds of finding and killing processes: they may start others meanwhile. */
const ROUNDS = 10;

/** @returns those that are alive, except for this process */
export function markedProcesses({ name, value }: Mark): readonly MarkedProcess[] {
  const wanted = `\0${name}=${value}\0`;
  return readdirSync('/proc')
    .map(Number)
    .filter((pid) => pid > 1 && pid !== process.pid)
    .filter((pid) => `\0${read(pid, 'environ')}`.includes(wanted) && !/^\d+ \(.*\) [ZX]/s.test(read(pid, 'stat')))
    .map((pid) => ({ pid, command: read(pid, 'cmdline').replaceAll('\0', ' ').trim() }));
}

/** @returns an empty text for a process of another user, or one that is gone */
function read(pid: number, name: string): string {
  try {
    return readFileSync(`/proc/${pid}/${name}`, 'latin1');
  } catch {
    return '';
  }
}

/** Kills all of them, and what they start meanwhile. */
export function killMarked(mark: Mark): void {
  for (let round = 0; round < ROUNDS; round++) {
    const left = markedProcesses(mark);
    if (left.length === 0) return;
    for (const { pid } of left) kill(pid);
  }
}

/** @param pid negative: a process group */
export function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended by itself.
  }
}
