/**
 * Which errors are for the operator, as one line, and which are bugs, to be shown with their trace.
 */
import { InputError } from '../input/input.ts';
import { SysError } from '../sys/errors.ts';
import { errnoOf } from '../sys/error-text.ts';
import { ConfigFileError } from './load-configuration.ts';
import { PidFileError } from './pid-file.ts';

export function isOperatorError(error: unknown): error is Error {
  if (
    error instanceof ConfigFileError ||
    error instanceof PidFileError ||
    error instanceof SysError ||
    error instanceof InputError
  )
    return true;
  return error instanceof Error && errnoOf(error) !== 0;
}
