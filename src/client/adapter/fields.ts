/**
 * What loggers for Node.js have in their records, as structured data: one element with a parameter for each field.
 */
import type { StructuredData } from '../message/structured.ts';

/** Of an element whose name nobody gave: 32473 is the number for examples. Source: RFC 5612 */
const SD_ID = 'fields@32473';
const PARAMS_MAX = 64;

/** How the fields of a record are sent besides its message. */
export type Fields = 'json' | 'sd' | 'none';

export const FIELDS: readonly Fields[] = ['json', 'sd', 'none'];

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** @param skipped fields that are said elsewhere. @returns undefined where there is nothing else */
export function fieldsAsData(
  record: Readonly<Record<string, unknown>>,
  skipped: ReadonlySet<string>,
): StructuredData | undefined {
  const entries = Object.entries(record).filter(([name, value]) => !skipped.has(name) && value !== undefined);
  if (entries.length === 0) return undefined;
  const params = entries.slice(0, PARAMS_MAX).map(([name, value]): [string, string] => [name, paramText(value)]);
  return { [SD_ID]: Object.fromEntries(params) };
}

function paramText(value: unknown): string {
  if (typeof value === 'string') return value;
  try {
    return JSON.stringify(value) ?? String(value);
  } catch {
    return '[Circular]';
  }
}
