/**
 * Whether messages have been taken: what the kernel knows of it, for each kind of socket. Source: unix(7), tcp(7), udp(7).
 */
import { statSync } from 'node:fs';
import {
  bytesNotTaken,
  closeDescriptor,
  type SocketAddress,
  type SocketKind,
  tryConnect,
  tryTakeError,
  waitForError,
} from '../../../sys/sending/blocking-socket.ts';
import { strerror } from '../failure.ts';
import type { Place } from './connection.ts';

/** What was sent over. */
export interface Sent {
  readonly fd: number;
  readonly kind: SocketKind;
  readonly place: Place;
  readonly address: SocketAddress;
  /** Of the Unix socket before it was connected to. */
  readonly mark: string | null;
}

export interface Delivery {
  /** Longest wait: for room, and for all to be taken. */
  readonly limitMs: number;
  markOf(path: string): string | null;
  /** @returns null: yes; else why not */
  taken(sent: Sent): string | null;
}

/** Between two looks at what is left; it doubles. */
const PAUSE_FIRST_MS = 0.2;
const PAUSE_MAX_MS = 20;
/** An answer of ICMP that comes later is not waited for. */
const REFUSAL_MS = 250;

export function createDelivery(limitMs: number): Delivery {
  return {
    limitMs,
    markOf: socketMark,
    taken: (sent) =>
      sent.kind === 'datagram' && sent.place.family === 'inet' ? refusal(sent.fd, limitMs) : left(sent, limitMs),
  };
}

/** What changes when another daemon makes the socket anew; the number of an inode is soon used again. */
function socketMark(path: string): string | null {
  try {
    const { dev, ino, birthtimeNs } = statSync(Buffer.from(path, 'latin1'), { bigint: true });
    return `${dev}:${ino}:${birthtimeNs}`;
  } catch {
    return null;
  }
}

function refusal(fd: number, limitMs: number): string | null {
  waitForError(fd, Math.min(REFUSAL_MS, limitMs));
  const failure = tryTakeError(fd);
  return failure === 0 ? null : strerror(failure);
}

function left(sent: Sent, limitMs: number): string | null {
  const rest = waitForNothingLeft(sent.fd, limitMs);
  if (rest > 0) return `not ${sent.place.family === 'unix' ? 'read' : 'acknowledged'} within ${limitMs / 1000} s`;
  if (rest < 0) return strerror(rest);
  const failure = tryTakeError(sent.fd);
  if (failure !== 0) return strerror(failure);
  return sent.kind === 'datagram' ? receiverGone(sent) : null;
}

/** @returns what is left, or -errno */
function waitForNothingLeft(fd: number, limitMs: number): number {
  const end = performance.now() + limitMs;
  let pauseMs = PAUSE_FIRST_MS;
  for (;;) {
    const rest = bytesNotTaken(fd);
    if (rest <= 0 || performance.now() >= end) return rest;
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, pauseMs);
    pauseMs = Math.min(pauseMs * 2, PAUSE_MAX_MS);
  }
}

/** A daemon that ends leaves nothing in its queue either. So it must still be the one that was sent to. */
function receiverGone({ address, place, mark }: Sent): string | null {
  const fd = tryConnect('datagram', address, 0);
  if (fd < 0) return strerror(fd);
  closeDescriptor(fd);
  const isSame = place.family === 'unix' && mark !== null && socketMark(place.path) === mark;
  return isSame ? null : 'the socket was made anew meanwhile';
}
