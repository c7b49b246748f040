/**
 * Creates the process context that the command line asks for.
 */
import { type Inherited, takeInherited } from '../../engine/inputs/inherited.ts';
import { DaemonContext } from '../../process/context/context.ts';
import type { SignalMap } from '../../process/signals.ts';
import { explain } from './explain-error.ts';
import type { Options } from './options.ts';

export interface ContextParts {
  readonly inherited: Inherited;
  /** This process takes over from a daemon. */
  readonly isSuccessor: boolean;
  readonly signals: SignalMap;
  /** Called with what could not be done although the daemon runs. */
  readonly notice: (text: string) => void;
}

export function createContext(options: Options, parts: ContextParts): DaemonContext {
  const { pidFile, umask, rootDirectory, foreground } = options;
  const { inherited, isSuccessor, signals, notice } = parts;
  // A process that takes over from a daemon already is what that had become.
  const { user, group } = isSuccessor ? { user: null, group: null } : options;
  return new DaemonContext({
    name: 'tsyslogd',
    workingDirectory: foreground ? '.' : '/',
    rootDirectory,
    umask,
    user,
    group,
    pidFile,
    pidFileLater: isSuccessor,
    pidFileMayWait: true,
    pidFileFd: takeInherited(inherited.pidFile, pidFile),
    preserve: inherited.sockets.map(({ fd }) => fd),
    signals,
    detach: !foreground && !isSuccessor,
    explain,
    notice,
  });
}
