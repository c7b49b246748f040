/**
 * The two ways to receive datagrams, and which of them works on this machine.
 *
 * `batch`: native calls, many datagrams a call, credentials, the kernel's drop counts. `portable`: one datagram a
 * callback, for machines on which koffi does not load.
 */
import { type NativeAvailability, nativeAvailable } from '../sys/call/native.ts';
import { unixDgramAvailable } from '../sys/socket/unix-dgram.ts';
import { batchAdopter } from './datagram/batch/adopter.ts';
import { batchLogSocketOpener, openBatchUdp } from './datagram/batch/openers.ts';
import { portableAdopter } from './datagram/portable/adopter.ts';
import { portableLogSocketOpener } from './datagram/portable/portable-log-socket.ts';
import { openPortableUdp } from './datagram/portable/portable-udp.ts';
import { InputError } from './input.ts';
import type { LogSocketOpener, SocketAdopter, UdpOpener } from './transport.ts';

export type ReceiverKind = 'batch' | 'portable';

/** How sockets are opened, or taken over if they are already open. */
export interface Receiver {
  readonly logSocketOpener: LogSocketOpener;
  readonly openUdp: UdpOpener;
  readonly adopter: SocketAdopter;
}

export const RECEIVERS: Readonly<Record<ReceiverKind, Receiver>> = {
  batch: { logSocketOpener: batchLogSocketOpener, openUdp: openBatchUdp, adopter: batchAdopter },
  portable: { logSocketOpener: portableLogSocketOpener, openUdp: openPortableUdp, adopter: portableAdopter },
};

/** What the choice depends on; for tests. */
export interface Availability {
  readonly batch: NativeAvailability;
  readonly portable: NativeAvailability;
}

/**
 * @param wanted null: the best that works here
 * @throws InputError where that one, or neither, works here: one line that says what is missing
 */
export function chooseReceiver(
  wanted: ReceiverKind | null,
  available: Availability = { batch: nativeAvailable(), portable: unixDgramAvailable() },
): ReceiverKind {
  const { batch, portable } = available;
  if (wanted !== 'portable' && batch.ok) return 'batch';
  if (wanted !== 'batch' && portable.ok) return 'portable';
  const reasons = [
    wanted === 'portable' || batch.ok ? '' : batch.reason,
    wanted === 'batch' || portable.ok ? '' : portable.reason,
  ];
  const missing = wanted === 'portable' ? 'npm install unix-dgram' : 'npm install koffi --include=optional';
  const what = wanted === null ? 'no receiver works here' : `the ${wanted} receiver does not work here`;
  throw new InputError(`${what}: ${reasons.filter((reason) => reason !== '').join('; ')}: try \`${missing}\``);
}

/** @returns why the better receiver does not work; null: it does, or this one was asked for */
export function whyPortable(wanted: ReceiverKind | null, chosen: ReceiverKind): string | null {
  const batch = nativeAvailable();
  return chosen === 'batch' || wanted !== null || batch.ok ? null : batch.reason;
}
