/**
 * Puts an error into words: one line if the operator can do something about it; a bug with its stack trace.
 */
import { errnoOf, messageLine } from '../../sys/call/error-text.ts';
import { OperatorError } from '../../sys/call/errors.ts';
import { PrintError } from '../../sys/print/print.ts';

export function explain(error: unknown): string {
  if (isForOperator(error) || !(error instanceof Error)) return messageLine(error);
  return traceOf(error);
}

/** @returns everything known about a bug, on more than one line */
export function traceOf(error: Error): string {
  return error.stack ?? error.message;
}

function isForOperator(error: unknown): boolean {
  return error instanceof OperatorError || error instanceof PrintError || errnoOf(error) !== 0;
}
