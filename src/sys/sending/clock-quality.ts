/**
 * How well the clock of this machine is set. Source: adjtimex(2).
 */
import { TIMEX } from '../call/abi.ts';
import { sendingLibc } from './sending-libc.ts';

/** @returns the largest error in microseconds; null: nothing keeps the clock right, or that cannot be asked */
export function clockErrorUs(): number | null {
  const sending = sendingLibc();
  if (sending === null) return null;
  const timex = Buffer.alloc(TIMEX.size);
  if (sending.libc.adjtimex(timex) !== TIMEX.ok) return null;
  return Number(timex.readBigInt64LE(TIMEX.maxError));
}
