/**
 * The command line as settings. Options take effect one after the other, as in logger(1): what is wrong first is what is
 * complained about, and files are opened where they are named.
 */
import { closeSync, openSync } from 'node:fs';
import { errnoOf } from '../../../sys/call/error-text.ts';
import type { SocketKind } from '../../../sys/sending/blocking-socket.ts';
import { LoggerFailure, strerror } from '../failure.ts';
import { Getopt } from './getopt.ts';
import { parseId, parseSize, parseWait } from './numbers.ts';
import { LOGGER_OPTIONS, type LoggerOption } from './option-table.ts';
import { parsePriority } from './priority-word.ts';
import { addElement, addParam, type SdElement } from '../message/structured-data.ts';

export interface Settings {
  /** 0: none */
  readonly pid: number;
  readonly priority: number;
  /** Null: that of the login. */
  readonly tag: string | null;
  /** Descriptor that lines are read from. */
  readonly input: number;
  readonly inputIsFile: boolean;
  readonly skipEmpty: boolean;
  readonly prioPrefix: boolean;
  readonly stderr: boolean;
  readonly noAct: boolean;
  readonly octetCount: boolean;
  /** Of a text, without the header. */
  readonly maxBytes: number;
  /** Null: that of local sockets, or of hosts. */
  readonly format: 'rfc3164' | 'rfc5424' | null;
  readonly withTime: boolean;
  readonly withTimeQuality: boolean;
  readonly withHost: boolean;
  readonly msgid: string | null;
  readonly elements: readonly SdElement[];
  readonly server: string | null;
  readonly port: string | null;
  readonly socket: string;
  /** Tried in this order. */
  readonly kinds: readonly SocketKind[];
  readonly socketErrors: 'on' | 'off' | 'auto';
  /** Descriptor of a journal entry; null: none is wanted. */
  readonly journal: number | null;
  /** How long to wait for what is full or slow; null: success means nothing. */
  readonly waitMs: number | null;
}

export interface CommandLine {
  /** `help` and `version` end the command line where they stand. */
  readonly kind: 'log' | 'help' | 'version';
  readonly settings: Settings;
  /** What is no option. */
  readonly words: readonly string[];
}

export interface CommandLineContext {
  /** What `-i` means. */
  readonly pid: number;
  readonly env: NodeJS.ProcessEnv;
  /** Called with each warning, in its place among the errors. */
  readonly warn: (text: string) => void;
}

/** Settings in the making. */
type Draft = { -readonly [Name in keyof Settings]: Settings[Name] };

const STDIN_FD = 0;
const BOTH_KINDS: readonly SocketKind[] = ['datagram', 'stream'];
const WAIT_DEFAULT_MS = 10_000;

function createDraft(): Draft {
  return {
    ...{ pid: 0, priority: 13, tag: null, input: STDIN_FD, inputIsFile: false, skipEmpty: false, prioPrefix: false },
    ...{ stderr: false, noAct: false, octetCount: false, maxBytes: 1024, format: null, msgid: null, elements: [] },
    ...{ withTime: true, withTimeQuality: true, withHost: true, server: null, port: null, socket: '/dev/log' },
    ...{ kinds: BOTH_KINDS, socketErrors: 'auto', journal: null, waitMs: null },
  };
}

/** An option that was given; `value` is empty where there is none. */
interface Given {
  readonly draft: Draft;
  readonly value: string;
  readonly hasValue: boolean;
  readonly context: CommandLineContext;
}

/** By long name, or letter where there is none. */
const EFFECTS: Readonly<Record<string, (given: Given) => unknown>> = {
  i: ({ draft, context }) => (draft.pid = context.pid),
  id: ({ draft, value, hasValue, context }) => (draft.pid = hasValue ? parseId(value) : context.pid),
  stderr: ({ draft }) => (draft.stderr = true),
  file: ({ draft, value }) => takeFile(draft, value),
  'no-act': ({ draft }) => (draft.noAct = true),
  priority: ({ draft, value }) => (draft.priority = parsePriority(value)),
  tag: ({ draft, value }) => (draft.tag = value),
  socket: ({ draft, value }) => (draft.socket = value),
  'socket-errors': (given) => takeSocketErrors(given),
  udp: ({ draft }) => (draft.kinds = ['datagram']),
  tcp: ({ draft }) => (draft.kinds = ['stream']),
  server: ({ draft, value }) => (draft.server = value),
  port: ({ draft, value }) => (draft.port = value),
  'octet-count': ({ draft }) => (draft.octetCount = true),
  'prio-prefix': ({ draft }) => (draft.prioPrefix = true),
  rfc3164: ({ draft }) => (draft.format = 'rfc3164'),
  rfc5424: (given) => takeRfc5424(given),
  size: ({ draft, value }) => (draft.maxBytes = parseSize(value)),
  msgid: ({ draft, value }) => takeMsgid(draft, value),
  'skip-empty': ({ draft }) => (draft.skipEmpty = true),
  'sd-id': ({ draft, value }) => (draft.elements = addElement(draft.elements, value)),
  'sd-param': ({ draft, value }) => (draft.elements = addParam(draft.elements, value)),
  journald: ({ draft, value, hasValue }) => (draft.journal = hasValue ? open('cannot open', value) : STDIN_FD),
  wait: ({ draft, value, hasValue }) => (draft.waitMs = hasValue ? parseWait(value) : WAIT_DEFAULT_MS),
};

/**
 * @param words a character for each byte
 * @throws LoggerFailure
 */
export function readCommandLine(words: readonly string[], context: CommandLineContext): CommandLine {
  const draft = createDraft();
  const options = new Getopt<LoggerOption>(words, LOGGER_OPTIONS, context.env['POSIXLY_CORRECT'] !== undefined);
  for (let found = options.next(); found !== null; found = options.next()) {
    const name = found.row.long ?? found.row.short ?? '';
    if (name === 'help' || name === 'version') return { kind: name, settings: draft, words: [] };
    EFFECTS[name]?.({ draft, value: found.value ?? '', hasValue: found.value !== null, context });
  }
  return { kind: 'log', settings: draft, words: options.operands };
}

function takeFile(draft: Draft, path: string): void {
  const fd = open('file', path);
  if (draft.inputIsFile) closeSync(draft.input);
  draft.input = fd;
  draft.inputIsFile = true;
}

/** @param what stands before the name where that fails */
function open(what: string, path: string): number {
  try {
    return openSync(Buffer.from(path, 'latin1'), 'r');
  } catch (error) {
    throw new LoggerFailure(`${what} ${path}: ${strerror(errnoOf(error))}`);
  }
}

function takeSocketErrors({ draft, value, context }: Given): void {
  if (value === 'on' || value === 'off') draft.socketErrors = value;
  else draft.socketErrors = 'auto';
  if (value !== draft.socketErrors) context.warn(`invalid argument: ${value}: using automatic errors`);
}

function takeRfc5424({ draft, value, context }: Given): void {
  draft.format = 'rfc5424';
  for (const word of value.split(',').filter((text) => text !== '')) {
    if (word === 'notime') draft.withTime = draft.withTimeQuality = false;
    else if (word === 'notq') draft.withTimeQuality = false;
    else if (word === 'nohost') draft.withHost = false;
    else context.warn(`ignoring unknown option argument: ${word}`);
  }
}

function takeMsgid(draft: Draft, value: string): void {
  if (value.includes(' ')) throw new LoggerFailure('--msgid cannot contain space');
  draft.msgid = value;
}
