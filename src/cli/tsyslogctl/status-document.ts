/**
 * Parses the daemon's answer to `status` leniently: it may be of another version, and a missing part must not hide the
 * rest.
 */
import type { DaemonStatus } from '../../control/protocol.ts';
import type { InputStatus, OutputStatus } from '../../engine/statistics/document.ts';
import { visibleText } from '../../sys/print/visible-text.ts';
import { type Answer, isObject } from './client.ts';

/** What `tsyslogctl status` shows. */
export interface ShownStatus {
  readonly pid: number;
  readonly version: string;
  readonly uptimeSec: number;
  readonly startedAt: string;
  readonly state: string;
  readonly receiver: string;
  readonly configuration: DaemonStatus['configuration'];
  readonly totals: Pick<
    DaemonStatus['totals'],
    'received' | 'perSecond' | 'parseFailures' | 'unrouted' | 'dropped' | 'cut'
  >;
  readonly inputs: readonly InputStatus[];
  readonly outputs: readonly OutputStatus[];
  readonly rssBytes: number;
}

/** @returns null if the answer contains no status at all */
export function readStatus(answer: Answer): ShownStatus | null {
  const { status } = answer;
  if (!isObject(status)) return null;
  const configuration = member(status, 'configuration');
  const totals = member(status, 'totals');
  return {
    pid: number(status, 'pid'),
    version: text(status, 'version'),
    uptimeSec: number(status, 'uptimeSec'),
    startedAt: text(status, 'startedAt'),
    state: text(status, 'state'),
    receiver: text(status, 'receiver'),
    configuration: {
      file: text(configuration, 'file'),
      number: number(configuration, 'number'),
      loadedAt: text(configuration, 'loadedAt'),
      rules: number(configuration, 'rules'),
    },
    totals: {
      received: number(totals, 'received'),
      perSecond: number(totals, 'perSecond'),
      parseFailures: number(totals, 'parseFailures'),
      unrouted: number(totals, 'unrouted'),
      dropped: number(totals, 'dropped'),
      cut: number(totals, 'cut'),
    },
    inputs: list(status, 'inputs').map((input) => ({
      ...identity(input),
      received: number(input, 'received'),
      cut: number(input, 'cut'),
      refused: number(input, 'refused'),
      dropped: number(input, 'dropped'),
    })),
    outputs: list(status, 'outputs').map((output) => ({
      ...identity(output),
      written: number(output, 'written'),
      dropped: number(output, 'dropped'),
      queuedBytes: number(output, 'queuedBytes'),
      failures: number(output, 'failures'),
      suppressed: number(output, 'suppressed'),
      cut: number(output, 'cut'),
    })),
    rssBytes: number(member(status, 'memory'), 'rssBytes'),
  };
}

function identity(entry: Answer): { name: string; kind: string; state: string; perSecond: number } {
  return {
    name: text(entry, 'name'),
    kind: text(entry, 'kind'),
    state: text(entry, 'state'),
    perSecond: number(entry, 'perSecond'),
  };
}

function member(object: Answer, name: string): Answer {
  const value = object[name];
  return isObject(value) ? value : {};
}

function list(object: Answer, name: string): readonly Answer[] {
  const value: unknown = object[name];
  return Array.isArray(value) ? value.filter(isObject) : [];
}

function number(object: Answer, name: string): number {
  const value = object[name];
  return typeof value === 'number' && Number.isFinite(value) ? value : 0;
}

/** @returns the text, made safe for a terminal */
export function text(object: Answer, name: string): string {
  const value = object[name];
  return typeof value === 'string' ? visibleText(value) : '';
}
