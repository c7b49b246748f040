/**
 * Outcomes of rules in words: yes or no, and what decided, quoting the line.
 *
 * Everything that comes from a message or a file is quoted so that it cannot control a terminal.
 */
import type { NameFilter, Position, PropertyFilter, PropertyOperator, Rule } from '../../conf/config.ts';
import { quoteWord } from '../../conf/problems.ts';
import { explainSelectors } from './selectors.ts';
import type { SourceText } from './source.ts';
import type { Reason, RuleOutcome } from './explain.ts';

/** One rule's answer; `notes`: what decided, one phrase each, at least one for no. */
export interface Answer {
  readonly yes: boolean;
  readonly notes: readonly string[];
}

/** What the wording needs besides the outcome. */
export interface AnswerContext {
  readonly texts: SourceText;
  /** PRI of the message, facility × 8 + severity. */
  readonly pri: number;
  /** Why rules are left out, e.g. `secure mode 2 allows no forwarding`. */
  readonly leftOut: string;
}

/** Verbs of the operators, and their negations. */
const VERBS: Readonly<Record<PropertyOperator, readonly [is: string, isNot: string]>> = {
  contains: ['contains', 'does not contain'],
  isequal: ['is', 'is not'],
  startswith: ['begins with', 'does not begin with'],
  regex: ['matches', 'does not match'],
  ereregex: ['matches', 'does not match'],
};

/** @returns the answer for one rule */
export function describeOutcome({ rule, verdict, endedBy }: RuleOutcome, context: AnswerContext): Answer {
  const ends =
    endedBy === null ? [] : [`the search ends here, because of the quick block in ${place(endedBy.at, rule)}`];
  switch (verdict.kind) {
    case 'given':
      return { yes: true, notes: ends };
    case 'given before':
      return { yes: false, notes: [`${place(verdict.by.at, rule)} has already sent it there`, ...ends] };
    case 'not asked':
      return { yes: false, notes: [`the search ended in ${place(verdict.by.at, rule)}`] };
    case 'left out':
      return { yes: false, notes: [context.leftOut] };
    case 'stopped':
      break;
  }
  return { yes: false, notes: verdict.reasons.map((reason) => describeReason(reason, rule, context)) };
}

function describeReason(reason: Reason, rule: Rule, context: AnswerContext): string {
  switch (reason.kind) {
    case 'selectors': {
      const text = context.texts.textOf(rule);
      return text === null ? 'not selected' : explainSelectors(text.line, text.selectorEnd, context.pri).why;
    }
    case 'program':
    case 'host':
      return describeList(reason.kind, reason.filter, reason.value, rule);
    case 'property':
      break;
  }
  return describeProperty(reason.filter, reason.value, rule);
}

function describeList(kind: 'program' | 'host', filter: NameFilter, value: Buffer, rule: Rule): string {
  const where = place(filter.at, rule);
  if (filter.exclude) return `${where} excludes ${kind} ${quoteBytes(value)}`;
  return `${where} selects ${kind} ${filter.names.join(' or ')}, ${found(value)}`;
}

function describeProperty(filter: PropertyFilter, value: Buffer, rule: Rule): string {
  const verb = VERBS[filter.operator][filter.negate ? 1 : 0];
  const anyCase = filter.ignoreCase ? ' in any case' : '';
  const asks = `${place(filter.at, rule)} selects ${filter.property} that ${verb} ${quoteText(filter.value)}${anyCase}`;
  // The text stands above for everybody to see.
  return filter.property === 'msg' ? asks : `${asks}, ${found(value)}`;
}

function found(value: Buffer): string {
  return value.length === 0 ? 'the message has none' : `this is ${quoteBytes(value)}`;
}

function place(at: Position, rule: Rule): string {
  return at.file === rule.at.file ? `line ${at.line}` : `${at.file}:${at.line}`;
}

function quoteBytes(bytes: Buffer): string {
  return quoteWord(bytes.toString('latin1'));
}

function quoteText(text: string): string {
  return quoteWord(Buffer.from(text).toString('latin1'));
}
