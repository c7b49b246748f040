/**
 * The process that the command line asks for.
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
  /** Gets what could not be done though the daemon runs. */
  readonly notice: (text: string) => void;
}

export function createContext(options: Options, parts: ContextParts): DaemonContext {
  const { pidFile, umask, rootDirectory, foreground } = options;
  const { inherited, isSuccessor, signals, notice } = parts;
  // Who takes over from a daemon is what that had become.
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
