/**
 * The name that ps(1), pgrep(1) and top(1) show for this process. Source: proc(5), comm; prctl(2) PR_SET_NAME.
 */
import { writeFileSync } from 'node:fs';

/**
 * Shows `name` and the arguments as the command line, and the name alone as the command name, as if this were a program
 * of its own rather than an argument of Node.js. Without /proc the command name is the beginning of the command line.
 */
export function setProcessName(name: string, args: readonly string[]): void {
  process.title = [name, ...args].join(' ');
  try {
    writeFileSync('/proc/self/comm', name);
  } catch {
    // The name is only cosmetic.
  }
}
