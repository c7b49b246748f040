/**
 * One line of the summary: a question, the values that answer it, and whether a target is met.
 */
import { OURS } from './daemons.ts';

/** Values by the daemon's name; a missing one was not in the comparison. */
export interface Line {
  readonly what: string;
  readonly values: ReadonlyMap<string, number>;
  /** What tsyslogd is compared with. */
  readonly against: string | null;
  readonly target: Target | null;
}

/** `ratio`: tsyslogd's value divided by the other's. */
export interface Target {
  readonly of: 'value' | 'ratio';
  readonly rule: 'at least' | 'at most';
  readonly limit: number;
}

/** @returns tsyslogd's value divided by the one it is compared with; null if there is none */
export function ratioOf(line: Line): number | null {
  const ours = line.values.get(OURS);
  const other = line.against === null ? undefined : line.values.get(line.against);
  return ours === undefined || other === undefined || other === 0 ? null : ours / other;
}

/** @returns whether the target is met; null if there is none, or nothing to compare with */
export function isMet(line: Line): boolean | null {
  if (line.target === null) return null;
  const { of, rule, limit } = line.target;
  const value =
    of === 'value' ? (line.values.get(OURS) ?? null) : line.against === null ? growthOf(line) : ratioOf(line);
  if (value === null) return null;
  return rule === 'at least' ? value >= limit : value <= limit;
}

/** A line whose values are ratios themselves. */
function growthOf(line: Line): number | null {
  return line.values.get(OURS) ?? null;
}
