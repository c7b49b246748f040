/**
 * The protocol of the control socket: one JSON document per line, requests from one side, answers from the other.
 *
 * Source: tsyslogd(8), section CONTROL. Unknown members of a request are ignored, so that a newer client can talk to an
 * older daemon. Does no input or output.
 */
import { isUtf8 } from 'node:buffer';
import type { InputStatus, OutputStatus, TotalStatus } from '../engine/statistics/document.ts';
import { visibleJson } from '../sys/print/visible-text.ts';

/** Longest request, not counting its newline. */
export const REQUEST_MAX_BYTES = 64 * 1024;

export const CONTROL_COMMANDS = ['status', 'reload', 'reopen', 'rotate', 'mark', 'stop', 'restart'] as const;
export type ControlCommand = (typeof CONTROL_COMMANDS)[number];

/** Life of the daemon as a whole. */
export type DaemonPhase = 'running' | 'ending' | 'restarting';

/** The answer to `status`. */
export interface DaemonStatus {
  readonly pid: number;
  readonly version: string;
  readonly uptimeSec: number;
  /** ISO 8601, UTC. */
  readonly startedAt: string;
  readonly state: DaemonPhase;
  readonly receiver: 'batch' | 'portable';
  readonly configuration: {
    readonly file: string;
    /** 1 for the one read at the start; each reload adds one. */
    readonly number: number;
    /** ISO 8601, UTC. */
    readonly loadedAt: string;
    readonly rules: number;
  };
  readonly totals: TotalStatus;
  readonly inputs: readonly InputStatus[];
  readonly outputs: readonly OutputStatus[];
  readonly memory: { readonly rssBytes: number };
}

/** One line from the daemon. */
export type ControlAnswer =
  | { readonly ok: true; readonly command: 'status'; readonly status: DaemonStatus }
  | { readonly ok: true; readonly command: 'reload'; readonly file: string; readonly configuration: number }
  | { readonly ok: true; readonly command: 'reopen' | 'mark' }
  | { readonly ok: true; readonly command: 'rotate'; readonly rotated: number }
  | { readonly ok: true; readonly command: 'stop'; readonly pid: number }
  | { readonly ok: true; readonly command: 'restart'; readonly pid: number; readonly version: string }
  | {
      readonly ok: false;
      /** Missing if the request could not be understood. */
      readonly command?: ControlCommand;
      readonly error: string;
      /** Of a reload: `file:line:column: what: expected`. */
      readonly problems?: readonly string[];
    };

/** The second line after `stop`: everything was written (0), or some of it was given up (4). */
export interface ControlEnded {
  readonly ended: true;
  readonly status: 0 | 4;
}

export type ParsedRequest =
  | { readonly ok: true; readonly command: ControlCommand }
  | { readonly ok: false; readonly error: string };

/** Longest quotation in an error, characters. */
const QUOTED_MAX = 40;

/** Parses one line, without its newline. Never throws, whatever the input. */
export function parseRequest(line: Uint8Array): ParsedRequest {
  if (!isUtf8(line)) return refusal('bad request: expected UTF-8');
  let request: unknown;
  try {
    request = JSON.parse(Buffer.from(line.buffer, line.byteOffset, line.length).toString('utf8'));
  } catch {
    return refusal('bad request: expected one JSON document per line');
  }
  if (typeof request !== 'object' || request === null || !('command' in request))
    return refusal('bad request: expected an object with "command"');
  const { command } = request;
  if (typeof command !== 'string') return refusal('bad request: expected a string as "command"');
  const known = CONTROL_COMMANDS.find((name) => name === command);
  if (known !== undefined) return { ok: true, command: known };
  return refusal(`unknown command "${shorten(command)}": expected one of ${CONTROL_COMMANDS.join(', ')}`);
}

function refusal(error: string): ParsedRequest {
  return { ok: false, error };
}

/** @returns at most {@link QUOTED_MAX} characters, made safe for a terminal */
export function shorten(text: string): string {
  const safe = text.slice(0, QUOTED_MAX).replaceAll(/[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\p{Cf}]/gu, '?');
  return text.length > QUOTED_MAX ? `${safe}…` : safe;
}

/** @returns the line, ended */
export function formatAnswer(answer: ControlAnswer | ControlEnded): string {
  return `${visibleJson(JSON.stringify(answer))}\n`;
}

export const DEFAULT_PID_FILE = '/var/run/tsyslogd.pid';
/** For `--control`: no control socket. A file of that name is `./none`. */
const NO_CONTROL = 'none';

/**
 * @param given value of `--control`, or null
 * @returns the path of the control socket, by default next to the pid file; null: there is none
 */
export function controlPath(given: string | null, pidFile: string): string | null {
  if (given === NO_CONTROL) return null;
  return given ?? defaultControlPath(pidFile);
}

/** @returns the path of the control socket next to a pid file */
export function defaultControlPath(pidFile: string): string {
  return `${pidFile.endsWith('.pid') ? pidFile.slice(0, -'.pid'.length) : pidFile}.ctl`;
}
