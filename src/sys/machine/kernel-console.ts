/**
 * Turns kernel messages on the console off while a daemon logs them. Source: syslog(2), klogctl(3).
 */
import { native, nativeAvailable } from '../call/native.ts';

const SYSLOG_ACTION_CONSOLE_OFF = 6;
const SYSLOG_ACTION_CONSOLE_ON = 7;

/** @returns whether it worked: it needs CAP_SYSLOG, which containers and ordinary users lack */
export function setKernelConsole(on: boolean): boolean {
  if (!nativeAvailable().ok) return false;
  return native().libc.klogctl(on ? SYSLOG_ACTION_CONSOLE_ON : SYSLOG_ACTION_CONSOLE_OFF, null, 0) === 0;
}
