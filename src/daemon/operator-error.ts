/**
 * Which errors are for the operator, as one line, and which are bugs, to be shown with their trace.
 */
import { InputError } from '../input/input.ts';
import { SysError } from '../sys/errors.ts';
import { errnoOf } from '../sys/error-text.ts';
import { PrintError } from '../sys/print.ts';
import { ControlPipeError } from './control-pipe.ts';
import { HandOverError } from './hand-over-protocol.ts';
import { ConfigFileError } from './load-configuration.ts';
import { PidFileError } from './pid-file.ts';
import { PrivilegeError } from './privileges.ts';

export function isOperatorError(error: unknown): error is Error {
  if (
    error instanceof ConfigFileError ||
    error instanceof ControlPipeError ||
    error instanceof HandOverError ||
    error instanceof PidFileError ||
    error instanceof PrintError ||
    error instanceof PrivilegeError ||
    error instanceof SysError ||
    error instanceof InputError
  )
    return true;
  return error instanceof Error && errnoOf(error) !== 0;
}
