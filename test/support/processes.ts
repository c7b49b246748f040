/**
 * Processes of this machine, looked at from outside. Source: proc(5).
 */
import { readdirSync, readFileSync } from 'node:fs';

/** @returns the pids of all that have `text` in their command line, but for this one */
export function processesNaming(text: string): readonly number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => pid !== process.pid && commandLineOf(pid).includes(text));
}

/** Empty where the process is gone, or is a zombie. */
function commandLineOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'latin1');
  } catch {
    return '';
  }
}
