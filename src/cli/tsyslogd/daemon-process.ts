/**
 * The process of a daemon: starts it, or takes over from the process before it; passes signals and bugs to it, and ends
 * when the daemon has ended.
 */
import { Daemon, type ExitStatus, SHUTDOWN_MS } from '../../daemon/daemon.ts';
import { PidFileKeeper } from '../../daemon/pid-file-keeper.ts';
import { forgetPassedSockets, type Inherited, passOn, takePassedSockets } from '../../engine/inputs/inherited.ts';
import { Predecessor } from '../../handover/predecessor.ts';
import { TakeOver } from '../../handover/take-over.ts';
import { DaemonContext } from '../../process/context/context.ts';
import { reapOrphans } from '../../process/orphans.ts';
import { ServiceManager } from '../../process/service-manager.ts';
import { daemonSignals } from '../../process/signals.ts';
import { findContainer } from '../../sys/machine/container.ts';
import { exitNow } from '../../sys/process/exit-now.ts';
import { complain } from '../command-line/complain.ts';
import { readVersion } from '../command-line/version.ts';
import { absolutePaths, NO_DIRECTORY, workingDirectory } from './absolute-paths.ts';
import { createContext } from './create-context.ts';
import { EXIT } from './exit-status.ts';
import { explain, traceOf } from './explain-error.ts';
import type { Options } from './options.ts';
import { Requests } from './requests.ts';

/** How this process was started. */
interface Start {
  /** All paths are absolute. */
  readonly options: Options;
  readonly inherited: Inherited;
  /** Null: not started by a running daemon. */
  readonly predecessor: Predecessor | null;
  /** Where relative paths of the command line start. */
  readonly directory: string;
  readonly manager: ServiceManager;
}

/**
 * Resolves when the daemon runs. If it does not, the service manager or the previous process has been told why.
 *
 * @throws whatever keeps it from running
 */
export async function runDaemonProcess(options: Options): Promise<void> {
  const passed = takePassedSockets();
  const predecessor = Predecessor.take();
  const inherited = predecessor?.inherited ?? passed;
  const directory = predecessor?.description.directory ?? workingDirectory();
  const manager = new ServiceManager();
  try {
    const process = new DaemonProcess({
      options: absolutePaths(options, directory),
      inherited,
      predecessor,
      directory: directory ?? NO_DIRECTORY,
      manager,
    });
    await process.run();
  } catch (error) {
    const reason = explain(error);
    if (predecessor === null) manager.ended(`cannot start: ${reason}`);
    else await predecessor.failed(reason);
    throw error;
  }
}

class DaemonProcess {
  readonly #start: Start;
  readonly #version = readVersion();
  readonly #requests = new Requests<Daemon>();
  readonly #context: DaemonContext;
  /** For the log, once it exists. */
  readonly #notices: string[] = [];

  constructor(start: Start) {
    this.#start = start;
    const { options, inherited, predecessor } = start;
    const signals = daemonSignals({
      reload: () => this.#requests.do((daemon) => this.#reload(daemon)),
      end: (name) => this.#requests.do((daemon) => void this.#end(daemon, `signal ${name}`)),
      toggleDebug: () => this.#requests.do((daemon) => daemon.commands.toggleDebug()),
      rotate: () => this.#requests.do((daemon) => daemon.commands.rotate()),
    });
    this.#context = createContext(options, {
      inherited,
      isSuccessor: predecessor !== null,
      signals,
      notice: (text) => this.#notices.push(text),
    });
  }

  async run(): Promise<void> {
    const { options, inherited, predecessor } = this.#start;
    reapOrphans();
    if (predecessor === null) this.#notices.push(...containerNotice(options));
    // The command that becomes a daemon continues as another process.
    if (!options.foreground) passOn(inherited);
    const daemon = await this.#open();
    forgetPassedSockets();
    process.once('uncaughtException', (error) => void this.#crash(daemon, error));
    this.#serve(daemon);
    daemon.run(this.#version, this.#notices);
    this.#keepPidFile(daemon);
    this.#requests.takenBy(daemon);
  }

  /** Makes the process a daemon. In the command that starts one it does not return. */
  async #open(): Promise<Daemon> {
    const { options: settings, inherited, predecessor, manager } = this.#start;
    const takeOver = predecessor === null ? null : new TakeOver(predecessor, this.#version, this.#context);
    return await this.#context.open(
      () => Daemon.prepare({ settings, inherited, takeOver, manager }),
      (prepared) => prepared.abandon(),
    );
  }

  #serve(daemon: Daemon): void {
    const { directory } = this.#start;
    const version = this.#version;
    daemon.serve(version, {
      stop: (reason) => void this.#end(daemon, reason),
      restart: () => daemon.restart({ version, directory, context: this.#context }),
      replaced: () => exitNow(EXIT.done),
    });
  }

  #keepPidFile(daemon: Daemon): void {
    const context = this.#context;
    const keep = (): boolean => context.keepPidFile();
    const isMissing = context.pidFileFd === null;
    new PidFileKeeper({ path: this.#start.options.pidFile, keep, report: daemon.report, isMissing }).start();
  }

  #reload(daemon: Daemon): void {
    this.#context.touchPidFile();
    void daemon.reload();
  }

  async #end(daemon: Daemon, reason: string): Promise<void> {
    const watchdog = setTimeout(() => {
      daemon.tellEnded(EXIT.dataLeft);
      exitNow(EXIT.dataLeft);
    }, SHUTDOWN_MS);
    const status = await daemon.end(reason);
    if (status !== null) this.#leave(watchdog, status);
  }

  /** A bug: prints its stack trace, logs it, and writes what was received within the usual time. */
  async #crash(daemon: Daemon, error: Error): Promise<void> {
    const watchdog = setTimeout(() => exitNow(EXIT.failed), SHUTDOWN_MS);
    for (const line of traceOf(error).split('\n')) complain(line);
    // If it is already ending, that continues; the watchdog makes sure that it finishes.
    const status = await daemon.end(`an internal error: ${error.message}`);
    if (status !== null) this.#leave(watchdog, EXIT.failed);
  }

  #leave(watchdog: NodeJS.Timeout, status: ExitStatus | typeof EXIT.failed): void {
    this.#context.close();
    clearTimeout(watchdog);
    // Threads that hang in a write would otherwise delay the exit.
    exitNow(status);
  }
}

/** What is left alone in a container unless requested. */
function containerNotice({ kernelLog }: Options): readonly string[] {
  const container = kernelLog === null ? findContainer() : null;
  if (container === null) return [];
  return [`in a container (${container}): leaving the kernel log and console alone; use --kernel-log to read it`];
}
