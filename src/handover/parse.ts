/**
 * Parses the documents of protocol.ts. A malformed one is refused as a whole.
 */
import { isIP } from 'node:net';
import type { ReturnedBatch, ReturnedRow } from '../engine/inputs/input-set.ts';
import type { SocketRecord } from '../input/shared-socket.ts';
import type { InetAddress } from '../sys/socket/sockaddr.ts';
import {
  type Description,
  type FifoRecord,
  HAND_OVER_FORMAT,
  HandOverError,
  type NewMessage,
  type OldMessage,
} from './protocol.ts';

type Fields = Readonly<Record<string, unknown>>;

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null;
}

function fields(value: unknown, what: string): Fields {
  if (isFields(value)) return value;
  throw new HandOverError(`the hand-over has no ${what}`);
}

function text(from: Fields, name: string): string {
  const value = from[name];
  if (typeof value === 'string') return value;
  throw new HandOverError(`the hand-over has no text "${name}"`);
}

function number(from: Fields, name: string): number {
  const value = from[name];
  if (typeof value === 'number' && Number.isSafeInteger(value)) return value;
  throw new HandOverError(`the hand-over has no number "${name}"`);
}

function list(from: Fields, name: string): readonly unknown[] {
  const value = from[name];
  if (Array.isArray(value)) return value;
  throw new HandOverError(`the hand-over has no list "${name}"`);
}

function inetAddress(value: unknown): InetAddress {
  const from = fields(value, 'address');
  const address = text(from, 'address');
  const family = isIP(address);
  if (family !== 4 && family !== 6) throw new HandOverError(`the hand-over has a bad address "${address}"`);
  return { family, address, port: number(from, 'port'), scopeId: number(from, 'scopeId') };
}

function socketRecord(value: unknown): SocketRecord {
  const from = fields(value, 'socket');
  const kind = text(from, 'kind');
  switch (kind) {
    case 'log':
      return { kind, path: text(from, 'path'), dev: number(from, 'dev'), ino: number(from, 'ino') };
    case 'udp':
      return {
        kind,
        to: inetAddress(from['to']),
        iface: from['iface'] === null ? null : text(from, 'iface'),
        // Older versions do not say it.
        host: typeof from['host'] === 'string' ? from['host'] : null,
      };
    case 'passed':
      return { kind, name: text(from, 'name') };
    default:
      throw new HandOverError(`the hand-over has a socket of unknown kind "${kind}"`);
  }
}

function fifoRecord(value: unknown): FifoRecord {
  const from = fields(value, 'FIFO');
  return { path: text(from, 'path'), identity: text(from, 'identity') };
}

function returnedRow(value: unknown): ReturnedRow {
  const from = fields(value, 'message');
  const credentials = fields(from['credentials'], 'credentials');
  return {
    datagram: text(from, 'datagram'),
    cut: from['cut'] === true,
    sender: from['sender'] === null ? null : text(from, 'sender'),
    credentials: [number(credentials, '0'), number(credentials, '1'), number(credentials, '2')],
  };
}

function returnedBatch(value: unknown): ReturnedBatch {
  const from = fields(value, 'batch');
  return { sec: number(from, 'sec'), usec: number(from, 'usec'), rows: list(from, 'rows').map(returnedRow) };
}

/** @throws HandOverError, also where the other process is of a version that this one does not know */
export function parseDescription(document: unknown): Description {
  const from = fields(document, 'description');
  const version = text(from, 'version');
  const format = number(from, 'format');
  if (format !== HAND_OVER_FORMAT)
    throw new HandOverError(
      `cannot take over from version ${version}: hand-over format ${format}, expected ${HAND_OVER_FORMAT}`,
    );
  return {
    format,
    version,
    pid: number(from, 'pid'),
    directory: text(from, 'directory'),
    sockets: list(from, 'sockets').map(socketRecord),
    kernelLast: from['kernelLast'] === null ? null : number(from, 'kernelLast'),
    consoleOff: from['consoleOff'] === true,
    control: from['control'] === null ? null : text(from, 'control'),
    controlPipe: from['controlPipe'] === null ? null : text(from, 'controlPipe'),
    pidFile: from['pidFile'] === null ? null : text(from, 'pidFile'),
    takesBack: from['takesBack'] === true,
  };
}

/** @throws HandOverError */
export function parseOldMessage(document: unknown): OldMessage {
  const from = fields(document, 'message');
  const say = text(from, 'say');
  if (say === 'done') return { say, fifos: list(from, 'fifos').map(fifoRecord) };
  if (say !== 'go') throw new HandOverError(`the old process sent "${say}"`);
  const drops = list(from, 'drops').map((count) => (typeof count === 'number' ? count : 0));
  return { say, drops, kernelLast: number(from, 'kernelLast') };
}

/** @throws HandOverError */
export function parseNewMessage(document: unknown): NewMessage {
  const from = fields(document, 'message');
  const say = text(from, 'say');
  if (say === 'running') return { say };
  if (say === 'holds') return { say, messages: number(from, 'messages') };
  if (say === 'returns') return { say, batch: returnedBatch(from['batch']) };
  if (say === 'started') return { say, pid: number(from, 'pid') };
  if (say === 'prepared') return { say, version: text(from, 'version') };
  if (say === 'failed') return { say, reason: text(from, 'reason') };
  throw new HandOverError(`the new process sent "${say}"`);
}
