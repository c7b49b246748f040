/**
 * An interpreter of the rules that gives reasons: for one message, what every rule does with it and what stops it.
 *
 * It goes through the rules in order, as described in syslog.conf(5), and shares nothing with the compiled table but
 * the comparison of properties; tests check that both agree. For people, not for the path of a message.
 */
import type { NameFilter, PropertyFilter, PropertyName, Rule } from '../../conf/config.ts';
import type { Batch } from '../../dgram-parser/columns/batch.ts';
import { SEVERITY_COUNT } from '../../protocol/priority.ts';
import { FOLDED_BYTES } from '../hash.ts';
import { type HostLabels, PropertyMatcher } from '../property.ts';

/** What in a rule stops a message. `value`: what the message has there; empty: nothing. */
export type Reason =
  | { readonly kind: 'selectors' }
  | { readonly kind: 'program'; readonly filter: NameFilter; readonly value: Buffer }
  | { readonly kind: 'host'; readonly filter: NameFilter; readonly value: Buffer }
  | { readonly kind: 'property'; readonly filter: PropertyFilter; readonly value: Buffer };

export type Verdict =
  /** The message goes to the rule's destination. */
  | { readonly kind: 'given' }
  /** It is selected, but `by` has already sent it there. */
  | { readonly kind: 'given before'; readonly by: Rule }
  | { readonly kind: 'stopped'; readonly reasons: readonly Reason[] }
  /** Rule `by` in a quick block took the message: later rules are not examined. */
  | { readonly kind: 'not asked'; readonly by: Rule }
  /** The rule is not in force, e.g. because secure mode forbids forwarding. */
  | { readonly kind: 'left out' };

export interface RuleOutcome {
  readonly rule: Rule;
  readonly destination: number;
  readonly verdict: Verdict;
  /** The quick block that ends the search here; null: it continues. */
  readonly endedBy: NameFilter | null;
}

/** What is known besides the message. */
export interface ExplainContext {
  /** Number of the destination of a rule; rules may share one. */
  readonly destinationOf: (ruleIdx: number) => number;
  /** What `@` in host lists stands for. */
  readonly ownHosts: readonly string[];
  readonly isLeftOut: (rule: Rule) => boolean;
}

/**
 * Explains one row: one outcome for every rule, in order.
 *
 * Shape: reads pri, tag, msgId, sd, text columns.
 *
 * @param hosts located at the row
 */
export function explainRow(
  rules: readonly Rule[],
  context: ExplainContext,
  batch: Batch,
  row: number,
  hosts: HostLabels,
): readonly RuleOutcome[] {
  const givenBy = new Map<number, Rule>();
  let ended: Rule | null = null;
  return rules.map((rule, idx) => {
    const destination = context.destinationOf(idx);
    const passive = { rule, destination, endedBy: null };
    if (context.isLeftOut(rule)) return { ...passive, verdict: { kind: 'left out' } };
    if (ended !== null) return { ...passive, verdict: { kind: 'not asked', by: ended } };
    const reasons = reasonsOf(rule, context, batch, row, hosts);
    if (reasons.length > 0) return { ...passive, verdict: { kind: 'stopped', reasons } };
    const endedBy = quickBlock(rule);
    if (endedBy !== null) ended = rule;
    const by = givenBy.get(destination);
    if (by !== undefined) return { rule, destination, endedBy, verdict: { kind: 'given before', by } };
    givenBy.set(destination, rule);
    return { rule, destination, endedBy, verdict: { kind: 'given' } };
  });
}

/** @returns the outcomes that deliver the message, one for each destination, in order */
export function givenOutcomes(outcomes: readonly RuleOutcome[]): readonly RuleOutcome[] {
  return outcomes.filter(({ verdict }) => verdict.kind === 'given');
}

function quickBlock({ program, host }: Rule): NameFilter | null {
  if (program?.quick === true) return program;
  return host?.quick === true ? host : null;
}

function reasonsOf(
  rule: Rule,
  context: ExplainContext,
  batch: Batch,
  row: number,
  hosts: HostLabels,
): readonly Reason[] {
  const pri = batch.pri[row]!;
  const mask = rule.severityMasks[Math.floor(pri / SEVERITY_COUNT)] ?? 0;
  // A block matters only if the selectors let the message get that far.
  if ((mask & (1 << (pri % SEVERITY_COUNT))) === 0) return [{ kind: 'selectors' }];
  const reasons: Reason[] = [];
  const program = propertyValue('programname', batch, row, hosts);
  const host = propertyValue('hostname', batch, row, hosts);
  if (rule.program !== null && isListed(rule.program, null, program, same) === rule.program.exclude)
    reasons.push({ kind: 'program', filter: rule.program, value: program });
  if (rule.host !== null && isListed(rule.host, context.ownHosts, host, sameFolded) === rule.host.exclude)
    reasons.push({ kind: 'host', filter: rule.host, value: host });
  if (rule.property !== null && !new PropertyMatcher(rule.property).matches(batch, row, hosts)) {
    const value = propertyValue(rule.property.property, batch, row, hosts);
    reasons.push({ kind: 'property', filter: rule.property, value });
  }
  return reasons;
}

/** @returns the bytes of a property as received; empty if the message has none */
export function propertyValue(property: PropertyName, batch: Batch, row: number, hosts: HostLabels): Buffer {
  const part = (off: number, len: number): Buffer => batch.bytes.subarray(off, off + len);
  switch (property) {
    case 'msg':
      return part(batch.textOff[row]!, batch.endOff[row]! - batch.textOff[row]!);
    case 'programname':
      return part(batch.tagOff[row]!, batch.tagLen[row]!);
    case 'msgid':
      return part(batch.msgIdOff[row]!, batch.msgIdLen[row]!);
    case 'sd':
      return part(batch.sdOff[row]!, batch.sdLen[row]!);
    case 'hostname':
      break;
  }
  return Buffer.from(hosts.bytes.subarray(hosts.off, hosts.off + hosts.len));
}

type Same = (name: Buffer, value: Buffer) => boolean;

const same: Same = (name, value) => name.equals(value);
/** Case-insensitive for ASCII letters. */
const sameFolded: Same = (name, value) => fold(name).equals(fold(value));

function fold(bytes: Buffer): Buffer {
  return Buffer.from(bytes.map((byte) => FOLDED_BYTES[byte]!));
}

/** @param own what `@` stands for; null: itself */
function isListed(filter: NameFilter, own: readonly string[] | null, value: Buffer, isSame: Same): boolean {
  const names = filter.names.flatMap((name) => (name === '@' && own !== null ? own : [name]));
  return names.some((name) => isSame(Buffer.from(name), value));
}
