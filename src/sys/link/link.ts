/**
 * What a sending program needs of a socket to the log daemon, however it was made: see open-link.ts.
 *
 * Nothing here waits, but for {@link Link.waitForRoom}, and nothing throws: results are numbers, -errno where it failed.
 */

/** `stream`: every message ends in NUL, as syslog(3) has it. */
export type LinkKind = 'datagram' | 'stream' | 'udp';

export interface Link {
  readonly kind: LinkKind;
  /** @returns how many bytes were taken, all of them but on a stream, or -errno. send(2) */
  send(bytes: Buffer, off: number, len: number): number;
  /** Blocks the thread until there is room, perhaps, and for `maxMs` at most. */
  waitForRoom(maxMs: number): void;
  /** Calls back whenever there may be room, until {@link Link.unwatch}; one callback at a time. Does not keep the process from ending. */
  watch(callback: () => void): void;
  unwatch(): void;
  /** No call after it. */
  close(): void;
}

/** Where the log daemon is. */
export interface LinkTarget {
  /** Of its Unix socket. */
  readonly path: string;
  /** On 127.0.0.1, where there is no way to the socket. */
  readonly udpPort: number;
}

/** Blocks the thread. */
export function pause(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}
