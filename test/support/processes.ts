/**
 * Processes of this machine, seen from outside. Source: proc(5).
 */
import { readdirSync, readFileSync } from 'node:fs';

/** @returns the pids of all processes with `text` in their command line, except this one */
export function processesNaming(text: string): readonly number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => pid !== process.pid && commandLineOf(pid).includes(text));
}

/** Empty if the process is gone or a zombie. */
function commandLineOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'latin1');
  } catch {
    return '';
  }
}
