/**
 * The package unix-dgram, typed and loaded on first use. It is optional and compiled during installation.
 *
 * What its code does and its documentation does not say; a test holds each:
 * - it silently cuts a path at 107 bytes, so callers must check the length first;
 * - it reads into 65,536 bytes and does not tell if a datagram was longer;
 * - it has no pause: its poll runs until close;
 * - if its read fails (EAGAIN after a false alarm) its own callback throws a TypeError: never drain the socket outside
 *   the phase in which it called;
 * - it cannot be loaded in a worker thread.
 */
import { createRequire } from 'node:module';
import type { NativeAvailability } from '../call/native.ts';
import { inRoot } from '../call/root-directory.ts';
import { judgeConnect } from './connect-result.ts';

/** The part of its Socket that is used. Listeners are called bare: they must not throw. */
export interface UnixDgramSocket {
  readonly fd: number;
  on(event: 'message', listener: (datagram: Buffer) => void): void;
  on(event: 'error', listener: (error: Error) => void): void;
  on(event: 'listening', listener: () => void): void;
  /** Emits `listening` or `error` before it returns. */
  bind(path: string): void;
  /** Emits `connect` or `error` before it returns. */
  connect(path: string): void;
  on(event: 'connect', listener: () => void): void;
  /** There is room again, after a send that the queue had none for. */
  once(event: 'writable', listener: () => void): void;
  /** When connected; calls back before it returns, with code 1 where the queue is full. */
  send(bytes: Buffer, callback: (error?: Error) => void): void;
  /** Sends without connecting; calls back before it returns. */
  sendto(bytes: Buffer, off: number, len: number, path: string, callback: (error?: Error) => void): void;
  close(): void;
}

interface UnixDgramModule {
  createSocket(type: 'unix_dgram', listener?: (datagram: Buffer) => void): UnixDgramSocket;
}

type LoadResult =
  | { readonly ok: true; readonly module: UnixDgramModule }
  | { readonly ok: false; readonly reason: string };

let loaded: LoadResult | null = null;

/** Longest datagram that it delivers whole. */
export const UNIX_DGRAM_MAX_BYTES = 65_536;

/** Tells whether the package is installed and loads. */
export function unixDgramAvailable(): NativeAvailability {
  loaded ??= load();
  return loaded.ok ? { ok: true } : loaded;
}

/** @throws Error if the package cannot be loaded or the socket cannot be made */
export function createUnixDgramSocket(): UnixDgramSocket {
  loaded ??= load();
  if (!loaded.ok) throw new Error(loaded.reason);
  return loaded.module.createSocket('unix_dgram');
}

/**
 * @returns whether a process listens on a Unix socket: connecting to a stale one fails
 * @throws Error if that cannot be known
 */
export function isUnixDgramAlive(path: string): boolean {
  const socket = createUnixDgramSocket();
  let failure: Error | null = null;
  socket.on('error', (error) => {
    failure = error;
  });
  socket.connect(inRoot(path));
  socket.close();
  return failure === null || judgeConnect(failure);
}

function load(): LoadResult {
  try {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what a package exports is its word
    const module = createRequire(import.meta.url)('unix-dgram') as UnixDgramModule;
    return { ok: true, module };
  } catch (error) {
    const line = (error instanceof Error ? error.message : String(error)).split('\n')[0] ?? '';
    return { ok: false, reason: `unix-dgram cannot be loaded: ${line}` };
  }
}
