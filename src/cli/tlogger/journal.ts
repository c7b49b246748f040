/**
 * An entry for the journal: lines `FIELD=value`, sent as journald takes them. Source: systemd's "Native Journal Protocol",
 * sd_journal_sendv(3).
 */
import { closeSync, readFileSync } from 'node:fs';
import {
  closeDescriptor,
  raiseSendBuffer,
  tryConnect,
  trySend,
  trySendDescriptor,
  unixAddress,
} from '../../sys/sending/blocking-socket.ts';
import { trySealedMemory } from '../../sys/sending/sealed-memory.ts';
import { sendingLibc } from '../../sys/sending/sending-libc.ts';
import { LoggerFailure } from './failure.ts';

const SOCKET = '/run/systemd/journal/socket';
const SEND_BUFFER_BYTES = 8 * 1024 * 1024;
const FIELDS_MAX = 1024;
const MESSAGE = 'MESSAGE=';
const IDENTIFIER = 'SYSLOG_IDENTIFIER=';
const ENOENT = -2;
const ENOBUFS = -105;
const EMSGSIZE = -90;

/** @returns the fields up to an empty line; lines of MESSAGE are one field. @throws LoggerFailure: there are too many */
export function readFields(text: string): readonly string[] {
  const fields: string[] = [];
  for (const line of text.split('\n')) {
    const field = line.replace(/\0.*/s, '').replace(/[ \t-\r]+$/, '');
    if (field === '') break;
    const message = field.startsWith(MESSAGE) ? fields.findIndex((other) => other.startsWith(MESSAGE)) : -1;
    if (message !== -1) fields[message] += `\n${field.slice(MESSAGE.length)}`;
    else if (fields.length === FIELDS_MAX) throw new LoggerFailure(`maximum input lines (${FIELDS_MAX}) exceeded`);
    else fields.push(field);
  }
  return fields;
}

/** @returns null: not an entry. */
export function formatEntry(fields: readonly string[], program: string): Buffer | null {
  if (fields.length === 0 || fields.some((field) => field.length < 2 || !field.includes('='))) return null;
  const named = fields.some((field) => field.startsWith(IDENTIFIER)) ? fields : [...fields, `${IDENTIFIER}${program}`];
  return Buffer.concat(named.map(formatField));
}

/** A value with a newline is preceded by its length. */
function formatField(field: string): Buffer {
  if (!field.includes('\n')) return Buffer.from(`${field}\n`, 'latin1');
  const equals = field.indexOf('=');
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(field.length - equals - 1));
  const [name, value] = [field.slice(0, equals), field.slice(equals + 1)];
  return Buffer.concat([Buffer.from(`${name}\n`, 'latin1'), length, Buffer.from(`${value}\n`, 'latin1')]);
}

export interface JournalOptions {
  /** Descriptor that the entry is read from. */
  readonly input: number;
  readonly program: string;
  readonly noAct: boolean;
  /** Each field, where that is wanted. */
  readonly copy: ((text: string) => void) | null;
  /** Where there is no journal that is a failure. */
  readonly mustBeTaken: boolean;
}

/** @throws LoggerFailure: the journal has not taken the entry */
export function sendEntry(options: JournalOptions): void {
  const fields = readFields(readAll(options.input));
  const entry = formatEntry(fields, options.program);
  const isSent = options.noAct || (entry !== null && sendToJournal(entry, options.mustBeTaken));
  for (const field of fields) options.copy?.(`${field}\n`);
  if (!isSent) throw new LoggerFailure('journald entry could not be written');
}

function readAll(fd: number): string {
  try {
    return readFileSync(fd, 'latin1');
  } catch {
    return '';
  }
}

/** COMPAT(sd_journal_sendv(3)): a machine without a journal is no failure. */
function sendToJournal(entry: Buffer, mustBeTaken: boolean): boolean {
  if (sendingLibc() === null) throw new LoggerFailure('koffi is needed for the journal');
  const fd = tryConnect('datagram', unixAddress(Buffer.from(SOCKET)), 0);
  if (fd < 0) return fd === ENOENT && !mustBeTaken;
  raiseSendBuffer(fd, SEND_BUFFER_BYTES);
  const failure = trySend(fd, entry);
  const isSent = failure === EMSGSIZE || failure === ENOBUFS ? sendAsFile(fd, entry) : failure === 0;
  closeDescriptor(fd);
  return isSent;
}

function sendAsFile(fd: number, entry: Buffer): boolean {
  const memory = trySealedMemory('tlogger', entry);
  if (memory < 0) return false;
  const failure = trySendDescriptor(fd, memory);
  closeSync(memory);
  return failure === 0;
}
