/**
 * Which errors are for the operator, as one line, and which are bugs, to be shown with their trace.
 */
import { InputError } from '../input/input.ts';
import { SysError } from '../sys/call/errors.ts';
import { errnoOf } from '../sys/call/error-text.ts';
import { PrintError } from '../sys/print/print.ts';
import { ControlPipeError } from '../control/control-pipe.ts';
import { HandOverError } from '../handover/protocol.ts';
import { ConfigFileError } from '../engine/settings/load-configuration.ts';
import { PidFileError } from '../process/pid-file.ts';
import { PrivilegeError } from '../process/privileges.ts';

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
