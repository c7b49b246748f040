/**
 * Executes this program again in the same process: same pid, same arguments, but none of its threads. So what a thread
 * can give up only for itself is given up in all of them. Source: execve(2).
 */
import { check, native } from '../call/native.ts';

/**
 * Does not return. Descriptors that are not close-on-exec stay open.
 *
 * @throws SysError
 */
export function startAnew(): never {
  const argv = [process.execPath, ...process.execArgv, ...process.argv.slice(1)];
  const env = Object.entries(process.env).map(([name, value]) => `${name}=${value ?? ''}`);
  check(native().libc.execve(process.execPath, [...argv, null], [...env, null]), 'execve', process.execPath);
  throw new Error('execve returned');
}
