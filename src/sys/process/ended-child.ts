/**
 * Children that have ended and that nobody has waited for. Source: waitid(2).
 */
import { native, nativeAvailable } from '../call/native.ts';

/** Source: waitid(2), bits/waitflags.h. */
const P_ALL = 0;
const P_PID = 1;
const WNOHANG = 1;
const WEXITED = 4;
const WNOWAIT = 0x0100_0000;
/** siginfo_t of SIGCHLD on 64-bit machines. */
const SIGINFO = { pid: 16, size: 128 } as const;

/** @returns the pid of one of them, without reaping it; null: there is none */
export function findEndedChild(): number | null {
  if (!nativeAvailable().ok) return null;
  const info = Buffer.alloc(SIGINFO.size);
  if (native().libc.waitid(P_ALL, 0, info, WEXITED | WNOHANG | WNOWAIT) !== 0) return null;
  const pid = info.readInt32LE(SIGINFO.pid);
  return pid === 0 ? null : pid;
}

/** @returns whether it existed and had ended */
export function reapChild(pid: number): boolean {
  const info = Buffer.alloc(SIGINFO.size);
  return native().libc.waitid(P_PID, pid, info, WEXITED | WNOHANG) === 0 && info.readInt32LE(SIGINFO.pid) === pid;
}
