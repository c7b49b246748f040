/**
 * The command `tsyslogd`: options, start, signals, exit status. Errors for the operator are one line each.
 */
import { readFileSync } from 'node:fs';
import { dirname, isAbsolute, join, resolve as resolvePath } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Daemon, SHUTDOWN_DEADLINE_MS } from '../../daemon/daemon.ts';
import { DaemonContext } from '../../process/context/context.ts';
import { explainError } from '../../process/context/options.ts';
import { Successor } from '../../handover/predecessor.ts';
import {
  forgetPassedSockets,
  type Inherited,
  passOn,
  takeInherited,
  takePassedSockets,
} from '../../engine/inputs/inherited.ts';
import { isOperatorError } from '../../daemon/operator-error.ts';
import { reapOrphans } from '../../process/orphans.ts';
import { daemonSignals, type SignalMap } from '../../process/signals.ts';
import { ServiceManager } from '../../process/service-manager.ts';
import { PidFileKeeper } from '../../daemon/pid-file-keeper.ts';
import { TakeOver } from '../../handover/take-over.ts';
import { findContainer } from '../../sys/machine/container.ts';
import { exitNow } from '../../sys/process/exit-now.ts';
import { printStdout } from '../../sys/print/print.ts';
import { setProcessName } from '../../sys/process/process-name.ts';
import { checkConfiguration } from './check.ts';
import { complain, complainUsage } from '../command-line/complain.ts';
import { usageText } from './option-table.ts';
import { type Options, parseOptions } from './options.ts';
import { UsageError } from '../command-line/usage-error.ts';

/** Exit statuses, as the man page lists them. */
export const EXIT = { done: 0, failed: 1, usage: 2, badConfiguration: 3, dataLeft: 4 } as const;

/** @returns the version in package.json. */
export function readVersion(): string {
  const path = join(dirname(fileURLToPath(import.meta.url)), '..', '..', '..', '..', 'package.json');
  const found: unknown = JSON.parse(readFileSync(path, 'utf8'));
  return typeof found === 'object' && found !== null && 'version' in found ? String(found.version) : 'unknown';
}

function parse(argv: readonly string[]): Options | null {
  try {
    return parseOptions(argv);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    complainUsage(error);
    new ServiceManager().ended(`cannot start: ${error.message}`);
    return null;
  }
}

/** Where there is none, since it was removed, only absolute paths mean anything. */
const NO_DIRECTORY = '/';

/** @returns the working directory, or null where it was removed */
function workingDirectory(): string | null {
  try {
    return process.cwd();
  } catch {
    return null;
  }
}

/**
 * A daemon changes its directory; its paths stay those of whoever started it, there.
 *
 * @throws UsageError where a path is relative and there is no directory
 */
function absolutePaths(options: Options, directory: string | null): Options {
  const resolve = (path: string): string => {
    if (directory === null && !isAbsolute(path))
      throw new UsageError(`the working directory was removed: '${path}': expected an absolute path`);
    return resolvePath(directory ?? NO_DIRECTORY, path);
  };
  return {
    ...options,
    configFile: options.configFile === null ? null : resolve(options.configFile),
    kernelCache: resolve(options.kernelCache),
    pidFile: resolve(options.pidFile),
    controlSocket: options.controlSocket === null ? null : resolve(options.controlSocket),
    controlPipe: options.controlPipe === null ? null : resolve(options.controlPipe),
    rootDirectory: options.rootDirectory === null ? null : resolve(options.rootDirectory),
    sockets: options.sockets.map((path) => resolve(path)),
  };
}

/** A bug: shown with its trace, told in the log, what was received is written within the usual time. */
async function crash(daemon: Daemon, context: DaemonContext, error: Error): Promise<void> {
  const watchdog = setTimeout(() => exitNow(EXIT.failed), SHUTDOWN_DEADLINE_MS);
  for (const line of (error.stack ?? error.message).split('\n')) complain(line);
  // An end that is under way already goes on; the watchdog sees to it that it comes to one.
  if ((await daemon.end(`an internal error: ${error.message}`)) === null) return;
  context.close();
  clearTimeout(watchdog);
  exitNow(EXIT.failed);
}

/** One line for the operator; of a bug all there is to know. */
function explain(error: unknown): string {
  if (isOperatorError(error) || !(error instanceof Error)) return explainError(error);
  return error.stack ?? error.message;
}

function createContext(
  options: Options,
  { inherited, successor }: Origin,
  signals: SignalMap,
  notice: (text: string) => void,
): DaemonContext {
  const { pidFile, umask, rootDirectory, foreground } = options;
  // Who takes over from a daemon is what that had become.
  const { user, group } = successor === null ? options : { user: null, group: null };
  return new DaemonContext({
    name: 'tsyslogd',
    workingDirectory: foreground ? '.' : '/',
    rootDirectory,
    umask,
    user,
    group,
    pidFile,
    pidFileLater: successor !== null,
    pidFileMayWait: true,
    pidFileFd: takeInherited(inherited.pidFile, pidFile),
    preserve: inherited.sockets.map(({ fd }) => fd),
    signals,
    detach: !foreground && successor === null,
    explain,
    notice,
  });
}

/** What was asked for before there is a daemon to do it waits for that. */
class Requests {
  #daemon: Daemon | null = null;
  readonly #waiting: ((daemon: Daemon) => void)[] = [];

  do(request: (daemon: Daemon) => void): void {
    if (this.#daemon === null) this.#waiting.push(request);
    else request(this.#daemon);
  }

  takenBy(daemon: Daemon): void {
    this.#daemon = daemon;
    for (const request of this.#waiting.splice(0)) request(daemon);
  }
}

/** What this process was started with. */
interface Origin {
  readonly inherited: Inherited;
  /** Null: no other process was here before. */
  readonly successor: Successor | null;
  /** Where relative paths of the command line begin. */
  readonly directory: string;
}

/** Starts the daemon, or takes over from the one that started this process. */
async function runOrReplace(options: Options): Promise<void> {
  const passed = takePassedSockets();
  const successor = Successor.take();
  const inherited = successor?.inherited ?? passed;
  const directory = successor?.description.directory ?? workingDirectory();
  const manager = new ServiceManager();
  try {
    const origin = { inherited, successor, directory: directory ?? NO_DIRECTORY };
    await live(absolutePaths(options, directory), origin, manager);
  } catch (error) {
    const reason = explain(error);
    if (successor === null) manager.ended(`cannot start: ${reason}`);
    else successor.failed(reason);
    throw error;
  }
}

async function live(options: Options, origin: Origin, manager: ServiceManager): Promise<void> {
  reapOrphans();
  const requests = new Requests();
  const notices: string[] = [];
  const end = async (daemon: Daemon, reason: string): Promise<void> => {
    const watchdog = setTimeout(() => {
      daemon.tellEnded(EXIT.dataLeft);
      exitNow(EXIT.dataLeft);
    }, SHUTDOWN_DEADLINE_MS);
    const status = await daemon.end(reason);
    if (status === null) return;
    context.close();
    clearTimeout(watchdog);
    // Threads that hang in a write would otherwise hold up the end.
    exitNow(status);
  };
  const signals = daemonSignals({
    reload: () =>
      requests.do((daemon) => {
        context.touchPidFile();
        void daemon.reload();
      }),
    end: (name) => requests.do((daemon) => void end(daemon, `signal ${name}`)),
    toggleDebug: () => requests.do((daemon) => daemon.toggleDebug()),
    rotate: () => requests.do((daemon) => daemon.rotate()),
  });
  const context = createContext(options, origin, signals, (text) => notices.push(text));
  const { inherited, successor, directory } = origin;
  if (successor === null) notices.push(...containerNotice(options));
  const version = readVersion();
  const lock = (): void => context.lock();
  const takeOver = successor === null ? null : new TakeOver(successor, version, lock);
  // The command that becomes a daemon goes on as another process.
  if (!options.foreground) passOn(inherited);
  const daemon = await context.open(
    () => Daemon.prepare(options, inherited, takeOver, manager),
    (prepared) => prepared.abandon(),
  );
  forgetPassedSockets();
  process.once('uncaughtException', (error) => void crash(daemon, context, error));
  const releaseLock = (): void => context.releaseForSuccessor();
  daemon.serve(version, {
    stop: (reason) => void end(daemon, reason),
    restart: () => daemon.restart({ version, directory, lock, releaseLock, pidFileFd: () => context.pidFileFd }),
    replaced: () => exitNow(EXIT.done),
  });
  daemon.run(version, notices);
  const keep = (): boolean => context.keepPidFile();
  const isMissing = context.pidFileFd === null;
  new PidFileKeeper({ path: options.pidFile, keep, report: daemon.report, isMissing }).start();
  requests.takenBy(daemon);
}

/** What a container leaves alone unless it is asked for. */
function containerNotice({ kernelLog }: Options): readonly string[] {
  const container = kernelLog === null ? findContainer() : null;
  if (container === null) return [];
  return [`in a container (${container}): the kernel's log and console are left alone; --kernel-log reads it`];
}

/** In another root directory relative paths would mean something else. */
function check(options: Options): Promise<boolean> {
  const isMoved = options.rootDirectory !== null;
  return checkConfiguration(isMoved ? absolutePaths(options, workingDirectory()) : options);
}

/** Runs the command; sets the exit status where it does not stay. */
export async function runDaemon(argv: readonly string[]): Promise<void> {
  const options = parse(argv);
  if (options === null) {
    process.exitCode = EXIT.usage;
    return;
  }
  try {
    switch (options.action) {
      case 'help':
        printStdout(usageText());
        break;
      case 'version':
        printStdout(`tsyslogd ${readVersion()}\n`);
        break;
      case 'check':
        // Name servers may still be asked, which nobody waits for.
        exitNow((await check(options)) ? EXIT.done : EXIT.badConfiguration);
        break;
      case 'run':
        setProcessName('tsyslogd', argv);
        await runOrReplace(options);
        break;
    }
  } catch (error) {
    const isUsage = error instanceof UsageError;
    if (isUsage) complainUsage(error);
    else complain(explain(error));
    const status = isUsage ? EXIT.usage : EXIT.failed;
    process.exitCode = status;
    // What a daemon that could not start still waits for, a disk that hangs among it, must not keep the process.
    if (options.action === 'run') exitNow(status);
  }
}
