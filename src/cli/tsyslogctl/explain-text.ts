/**
 * What `explain` prints: how the message was parsed, every rule with its answer, and the records as they would be
 * written.
 */
import type { Action, Rule } from '../../conf/config.ts';
import { textForEverybody, textForUsers } from '../../output/terminal/terminal-text.ts';
import { payloadEnd } from '../../output/forward/payload.ts';
import type { FormatSet } from '../../format/create-format.ts';
import { blockOf } from '../../dgram-parser/columns/byte-block.ts';
import { F_CUT, F_NO_PRI, F_PARSE_FAILED, F_RFC5424 } from '../../dgram-parser/columns/batch.ts';
import { sanitize, SANITIZE_MAX_EXPANSION } from '../../dgram-parser/sanitize.ts';
import { FACILITY, FACILITY_NAMES, SEVERITY_COUNT, SEVERITY_NAMES } from '../../protocol/priority.ts';
import { propertyValue, type RuleOutcome } from '../../route/explain/explain.ts';
import { type AnswerContext, describeOutcome } from '../../route/explain/reasons.ts';
import { visibleText } from '../../sys/print/visible-text.ts';
import type { AskedMessage, AskedRow } from './explain-message.ts';
import type { Style } from './style.ts';

const GAP = '  ';
/** Longer selectors push the other fields to the right, only in their own line. */
const SELECTORS_MAX = 44;
const ACTION_MAX = 36;

/** How the message was parsed. @returns lines */
export function renderMessage({ from, pri: asked }: AskedMessage, { batch, labels }: AskedRow): readonly string[] {
  const pri = batch.pri[0]!;
  const flags = batch.flags[0]!;
  const pidOff = batch.pidOff[0]!;
  const pid = batch.bytes.subarray(pidOff, pidOff + batch.pidLen[0]!);
  const part = (name: 'programname' | 'hostname' | 'msg' | 'msgid' | 'sd'): string =>
    shown(propertyValue(name, batch, 0, labels));
  const origin = { local: 'local', network: 'from the network', kernel: 'from the kernel', mark: 'from the daemon' }[
    from
  ];
  const program = part('programname');
  const fields: readonly (readonly [string, string])[] = [
    ['message', `${nameOf(pri)}, ${origin}`],
    ['host', part('hostname')],
    ['program', program === '' ? '(none)' : `${program}${pid.length === 0 ? '' : `, pid ${shown(pid)}`}`],
    ...((flags & F_RFC5424) === 0
      ? []
      : [['msgid', part('msgid') || '(none)'] as const, ['sd', part('sd') || '(none)'] as const]),
    ['text', part('msg')],
  ];
  const notes = [
    ...(asked !== null && asked !== pri && asked < FACILITY.user * SEVERITY_COUNT
      ? ['facility kern is reserved for the kernel: it becomes user (option -k keeps it)']
      : []),
    ...((flags & F_NO_PRI) === 0 || asked !== null
      ? []
      : ['it has no priority: it is user.notice, and all of it is text']),
    ...((flags & F_PARSE_FAILED) === 0 ? [] : ['it claims to be RFC 5424 but is malformed: all of it is text']),
    ...((flags & F_CUT) === 0 ? [] : ['it is longer than max_message, and is cut']),
  ];
  return [...fields, ...notes.map((note) => ['note', note] as const)].map(
    ([name, value]) => `${name.padEnd(9)}${value}`,
  );
}

/** `mail.err` */
export function nameOf(pri: number): string {
  return `${FACILITY_NAMES[Math.floor(pri / SEVERITY_COUNT)] ?? '?'}.${SEVERITY_NAMES[pri % SEVERITY_COUNT] ?? '?'}`;
}

/** Made safe as in records. */
function shown(bytes: Uint8Array): string {
  const out = Buffer.alloc(bytes.length * SANITIZE_MAX_EXPANSION + 1);
  return safe(out.toString('utf8', 0, sanitize(Buffer.from(bytes), 0, bytes.length, out, 0, false)));
}

/** What a configuration contains, or a message with option -8, must not control a terminal. */
function safe(text: string): string {
  return visibleText(text, '\t');
}

interface RuleLine {
  readonly place: string;
  readonly selectors: string;
  readonly action: string;
  readonly yes: boolean;
  readonly notes: readonly string[];
}

/** One line per rule, or more if it does not fit. */
export function renderRules(outcomes: readonly RuleOutcome[], context: AnswerContext, style: Style): readonly string[] {
  const rules = outcomes.map((outcome): RuleLine => {
    const { rule } = outcome;
    const text = context.texts.textOf(rule);
    return {
      ...describeOutcome(outcome, context),
      place: safe(`${rule.at.file}:${rule.at.line}`),
      selectors: safe(text?.selectors ?? ''),
      action: safe(text?.action ?? describeAction(rule.action)),
    };
  });
  const widest = (of: (line: RuleLine) => string, most: number): number =>
    rules.reduce((max, line) => (of(line).length > most ? max : Math.max(max, of(line).length)), 0);
  const widths = [
    widest((line) => line.place, Number.POSITIVE_INFINITY),
    widest((line) => line.selectors, SELECTORS_MAX),
    widest((line) => line.action, ACTION_MAX),
  ];
  return rules.flatMap((line) => layOutRule(line, widths, style));
}

function layOutRule(line: RuleLine, widths: readonly number[], { width, paint }: Style): readonly string[] {
  const head = [line.place, line.selectors, line.action].map((cell, i) => cell.padEnd(widths[i] ?? 0)).join(GAP);
  const word = line.yes ? 'yes' : 'no';
  const answer = safe([word, line.notes.join('; ')].filter((part) => part !== '').join(': '));
  const painted = line.yes ? paint.good(answer) : answer;
  const paintHead = (text: string): string => (line.yes ? paint.strong(text) : text);
  if (head.length + GAP.length + answer.length <= width) return [`${paintHead(head)}${GAP}${painted}`];
  return [paintHead(head.trimEnd()), `${GAP}${GAP}${painted}`];
}

/** What rendering the records needs. */
export interface RecordContext {
  readonly asked: AskedRow;
  readonly formats: FormatSet;
  /** Longest forwarded payload, bytes. */
  readonly payloadBytes: number;
  readonly now: Date;
}

/** Where the message goes, in order, with the record as written there. */
export function renderRecords(given: readonly RuleOutcome[], context: RecordContext, style: Style): readonly string[] {
  if (given.length === 0) return [style.paint.strong('It goes nowhere: no rule selects it.')];
  const places = given.length === 1 ? '1 destination' : `${given.length} destinations`;
  return [
    style.paint.strong(`It goes to ${places}:`),
    ...given.flatMap(({ rule }) => [
      `${style.paint.good(safe(describeAction(rule.action)))}${GAP}(${safe(rule.at.file)}:${rule.at.line})`,
      ...recordOf(rule, context).map((line) => `${GAP}${GAP}${safe(line)}`),
    ]),
  ];
}

function recordOf(rule: Rule, { asked, formats, payloadBytes, now }: RecordContext): readonly string[] {
  const { batch, labels } = asked;
  const { action, options } = rule;
  const forUsers = action.kind === 'users' || action.kind === 'wall';
  const isForward = action.kind === 'forward';
  const format = formats.get(isForward ? 'forward' : 'line', forUsers ? 'default' : options.format);
  labels.locate(batch, 0);
  const bytes = Buffer.alloc(format.bound(batch, 0, labels));
  const end = format.write(batch, 0, labels, blockOf(bytes), 0, false) - 1;
  const record = bytes.subarray(0, isForward ? payloadEnd(bytes, 0, end, payloadBytes) : end);
  if (!forUsers) return [record.toString('utf8')];
  const text = action.kind === 'wall' ? textForEverybody(record, now) : textForUsers(record, now);
  // The bell is for that terminal, not for this one.
  return text
    .toString('utf8')
    .replaceAll(BELL, '')
    .split('\r\n')
    .filter((line) => line !== '');
}

const BELL = '\x07';

/** The daemon's name for a destination. */
export function describeAction(action: Action): string {
  switch (action.kind) {
    case 'file':
      return `file "${action.path}"`;
    case 'fifo':
      return `fifo "${action.path}"`;
    case 'command':
      return `command "${action.command}"`;
    case 'forward':
      return `loghost "@${action.host}${action.port === null ? '' : `:${action.port}`}"`;
    case 'users':
      return `${action.names.length === 1 ? 'user' : 'users'} "${action.names.join(',')}"`;
    case 'wall':
      break;
  }
  return 'everybody';
}
