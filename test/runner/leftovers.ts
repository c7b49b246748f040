/**
 * What tests have left behind: processes, recognized by a mark in their environment, and files and mounts in a private
 * temporary folder.
 */
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { killMarked, type Mark, markedProcesses } from '../support/marked-processes.ts';
import { until } from '../support/until.ts';

/** In the environment of every process of a test file. */
export const MARK_VARIABLE = 'TSYSLOGD_TEST_RUN';
/** A process that was killed may take a moment to disappear. */
const ENDING_MS = 5000;

/** @param value distinguishes files and runs */
export function runMark(value: string): Mark {
  return { name: MARK_VARIABLE, value };
}

/** Waits a moment for processes to end, then kills the rest. @returns one line for each of those */
export async function endProcesses(mark: Mark): Promise<readonly string[]> {
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

/** Also removes what its owner currently may not change. */
function remove(folder: string): void {
  try {
    rmSync(folder, { recursive: true, force: true });
  } catch {
    spawnSync('chmod', ['-R', 'u+rwX', folder]);
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Nothing on what is mounted there may be removed; a frozen disk is thawed. @returns the mount points */
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
