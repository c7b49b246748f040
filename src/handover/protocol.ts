/**
 * What the old and the new process of a restart say to each other: JSON documents, one a line, over a socket pair.
 * What the old one has open is described in a variable, so that the new one knows it from its first moment on, also
 * if the old one dies in the next.
 *
 *   old: starts the new one, through a shell   shell: `started` with its pid
 *                                              new: `prepared`, or `failed` with the reason
 *   old: `go`, it reads nothing any more       new: reads, and holds what it has read
 *                                              new: `holds` with the number of messages, whenever that grows
 *   old: `done`, everything is written         new: `running`; or `returns` with what it holds, then `failed`
 *
 * A newer version must understand the description of an older one. A change of its form needs a new number.
 */
import type { ReturnedBatch } from '../engine/inputs/input-set.ts';
import type { SocketRecord } from '../input/shared-socket.ts';
import { OperatorError } from '../sys/call/errors.ts';

export const HAND_OVER_FORMAT = 1;
/** Set for the new process: the {@link Description}. */
export const HAND_OVER_VARIABLE = 'TSYSLOGD_HAND_OVER';
/** Set for the new process: the pid of the shell that started it, which has nothing to do when it has taken over. */
export const LAUNCHER_VARIABLE = 'TSYSLOGD_LAUNCHER';
/** The socket pair; behind it the sockets of the description, the kernel's log, the control socket, the control pipe, the pid file. */
export const CHANNEL_FD = 3;

/** A FIFO that the daemon made, to be removed at its end. */
export interface FifoRecord {
  readonly path: string;
  /** `dev:ino` */
  readonly identity: string;
}

export interface Description {
  readonly format: number;
  readonly version: string;
  readonly pid: number;
  /** Where relative paths of the command line begin. */
  readonly directory: string;
  readonly sockets: readonly SocketRecord[];
  /** Last record taken of the kernel's log; null: it is not handed over. */
  readonly kernelLast: number | null;
  readonly consoleOff: boolean;
  /** Path of the control socket, or null where it is not handed over. */
  readonly control: string | null;
  /** Path of the control pipe, likewise. */
  readonly controlPipe: string | null;
  /** Path of the pid file, likewise. */
  readonly pidFile: string | null;
  /** It understands `holds` and `returns`: older versions do not. */
  readonly takesBack: boolean;
}

export type OldMessage =
  | { readonly say: 'go'; readonly drops: readonly number[]; readonly kernelLast: number }
  | { readonly say: 'done'; readonly fifos: readonly FifoRecord[] };

export type NewMessage =
  | { readonly say: 'started'; readonly pid: number }
  | { readonly say: 'prepared'; readonly version: string }
  | { readonly say: 'holds'; readonly messages: number }
  | { readonly say: 'returns'; readonly batch: ReturnedBatch }
  | { readonly say: 'running' }
  | { readonly say: 'failed'; readonly reason: string };

/** The other side does not keep to what is agreed. */
export class HandOverError extends OperatorError {
  override readonly name = 'HandOverError';
}
