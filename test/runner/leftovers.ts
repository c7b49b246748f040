/**
 * What tests have left behind: processes, known by a mark in their environment, files and mounts, in a temporary
 * folder that nobody else uses.
 */
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { until } from '../support/until.ts';

/** What every process of a test file has in its environment. */
export const MARK_VARIABLE = 'TSYSLOGD_TEST_RUN';
/** A process that was killed may take a moment to be gone. */
const ENDING_MS = 5000;

export interface LeftProcess {
  readonly pid: number;
  readonly command: string;
}

/** @param mark value of {@link MARK_VARIABLE}. @returns processes that were started with it and live, this one left out */
export function markedProcesses(mark: string): readonly LeftProcess[] {
  const wanted = `\0${MARK_VARIABLE}=${mark}\0`;
  return readdirSync('/proc')
    .map(Number)
    .filter((pid) => pid > 1 && pid !== process.pid)
    .filter((pid) => `\0${read(pid, 'environ')}`.includes(wanted) && !/^\d+ \(.*\) [ZX]/s.test(read(pid, 'stat')))
    .map((pid) => ({ pid, command: read(pid, 'cmdline').replaceAll('\0', ' ').trim() }));
}

/** @returns an empty text for a process of somebody else, or one that is gone */
function read(pid: number, name: string): string {
  try {
    return readFileSync(`/proc/${pid}/${name}`, 'latin1');
  } catch {
    return '';
  }
}

/** Waits a moment for processes to be gone, and ends those that are not. @returns one line for each of them */
export async function endProcesses(mark: string): Promise<readonly string[]> {
  const gone = (): boolean => markedProcesses(mark).length === 0;
  if (await waited(gone)) return [];
  const left = markedProcesses(mark);
  killMarked(mark);
  if (!(await waited(gone))) throw new Error(`processes that do not end: ${JSON.stringify(markedProcesses(mark))}`);
  return left.map(({ pid, command }) => `process ${pid}: ${command}`);
}

async function waited(gone: () => boolean): Promise<boolean> {
  try {
    return await until('they are gone', gone, ENDING_MS);
  } catch {
    return false;
  }
}

/** Ends all of them at once, and what they start meanwhile. */
export function killMarked(mark: string): void {
  for (let round = 0; round < 10; round++) {
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

/** Removes a temporary folder. @returns one line for each thing in it */
export function removeFolder(folder: string): readonly string[] {
  const mounts = unmount(folder);
  const names = readdirSync(folder).map((name) => {
    const inside = listInside(join(folder, name));
    return `${join(folder, name)}${inside.length === 0 ? '' : ` (${inside.slice(0, 5).join(', ')})`}`;
  });
  remove(folder);
  return [...mounts.map((path) => `mount ${path}`), ...names];
}

/** Also what its owner may not change at present. */
function remove(folder: string): void {
  try {
    rmSync(folder, { recursive: true, force: true });
  } catch {
    spawnSync('chmod', ['-R', 'u+rwX', folder]);
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Nothing of what is mounted there is to be removed; a disk that was frozen goes on. @returns the places */
function unmount(folder: string): readonly string[] {
  const mounts = readFileSync('/proc/mounts', 'utf8')
    .split('\n')
    .map((line) => line.split(' ')[1] ?? '')
    .filter((path) => path.startsWith(`${folder}/`));
  for (const path of mounts.toReversed()) {
    spawnSync('fsfreeze', ['-u', path]);
    spawnSync('umount', ['-l', path]);
  }
  return mounts;
}

function listInside(path: string): readonly string[] {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
}
