/**
 * The protocol between the old and the new process of a restart: JSON documents, one per line, over a socket pair. A
 * variable describes what the old one has open, so that the new one knows it from the start, even if the old one dies
 * right after.
 *
 *   old: starts the new one, through a shell   shell: `started` with its pid
 *                                              new: `prepared`, or `failed` with the reason
 *   old: `go`, it reads nothing any more       new: reads, and holds what it has read
 *                                              new: `holds` with the number of messages, whenever that grows
 *   old: `done`, everything is written         new: `running`; or `returns` with what it holds, then `failed`
 *
 * A newer version must understand the description of an older one. Changing its form requires a new number.
 */
import type { ReturnedBatch } from '../engine/inputs/input-set.ts';
import type { SocketRecord } from '../input/shared-socket.ts';
import { OperatorError } from '../sys/call/errors.ts';

export const HAND_OVER_FORMAT = 1;
/** Set for the new process: the {@link Description}. */
export const HAND_OVER_VARIABLE = 'TSYSLOGD_HAND_OVER';
/** Set for the new process: the pid of the shell that started it, which is no longer needed after the takeover. */
export const LAUNCHER_VARIABLE = 'TSYSLOGD_LAUNCHER';
/**
 * The socket pair; after it come the sockets of the description, the kernel log, the control socket, the control pipe
 * and the pid file.
 */
export const CHANNEL_FD = 3;

/** A FIFO that the daemon created, and removes when it ends. */
export interface FifoRecord {
  readonly path: string;
  /** `dev:ino` */
  readonly identity: string;
}

export interface Description {
  readonly format: number;
  readonly version: string;
  readonly pid: number;
  /** Where relative paths of the command line start. */
  readonly directory: string;
  readonly sockets: readonly SocketRecord[];
  /** Last record read from the kernel log; null: it is not handed over. */
  readonly kernelLast: number | null;
  readonly consoleOff: boolean;
  /** Path of the control socket, or null if it is not handed over. */
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

/** The other side violates the protocol. */
export class HandOverError extends OperatorError {
  override readonly name = 'HandOverError';
}
