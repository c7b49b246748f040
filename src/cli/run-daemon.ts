/**
 * The command `tsyslogd`: options, start, signals, exit status. Errors for the operator are one line each.
 */
import { readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Daemon, SHUTDOWN_DEADLINE_MS } from '../daemon/daemon.ts';
import { startDetached } from '../daemon/detach.ts';
import { announceReady, closeInherited, isDetached } from '../daemon/detached.ts';
import { installSignals } from '../daemon/signals.ts';
import { isOperatorError } from '../daemon/operator-error.ts';
import { exitNow } from '../sys/exit-now.ts';
import { printStderr, printStdout } from '../sys/print.ts';
import { checkConfiguration } from './check.ts';
import { usageText } from './option-table.ts';
import { type Options, parseOptions, UsageError } from './options.ts';

/** Exit statuses, as the man page lists them. */
export const EXIT = { done: 0, failed: 1, usage: 2, badConfiguration: 3, dataLeft: 4 } as const;

/** @returns the version in package.json. */
export function readVersion(): string {
  const path = join(dirname(fileURLToPath(import.meta.url)), '..', '..', '..', 'package.json');
  const found: unknown = JSON.parse(readFileSync(path, 'utf8'));
  return typeof found === 'object' && found !== null && 'version' in found ? String(found.version) : 'unknown';
}

function complain(text: string): void {
  printStderr(`tsyslogd: ${text}\n`);
}

function parse(argv: readonly string[]): Options | null {
  try {
    return parseOptions(argv);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    complain(error.message);
    printStderr(usageText());
    return null;
  }
}

/** A daemon changes its directory; its paths stay those of whoever started it. */
function absolutePaths(options: Options): Options {
  return {
    ...options,
    configFile: options.configFile === null ? null : resolve(options.configFile),
    kernelCache: resolve(options.kernelCache),
    pidFile: resolve(options.pidFile),
    sockets: options.sockets.map((path) => resolve(path)),
  };
}

/** A bug: shown with its trace, told in the log, what was received is written within the usual time. */
async function crash(daemon: Daemon, error: Error): Promise<void> {
  const watchdog = setTimeout(() => exitNow(EXIT.failed), SHUTDOWN_DEADLINE_MS);
  for (const line of (error.stack ?? error.message).split('\n')) complain(line);
  // An end that is under way already goes on; the watchdog sees to it that it comes to one.
  if ((await daemon.end(`an internal error: ${error.message}`)) === null) return;
  clearTimeout(watchdog);
  exitNow(EXIT.failed);
}

async function live(options: Options): Promise<void> {
  const detached = !options.foreground && isDetached();
  if (!options.foreground && !detached) {
    process.exitCode = (await startDetached()) ? EXIT.done : EXIT.failed;
    return;
  }
  if (detached) closeInherited();
  const daemon = await Daemon.start(absolutePaths(options), readVersion());
  if (detached) announceReady();
  const end = async (reason: string): Promise<void> => {
    const watchdog = setTimeout(() => exitNow(EXIT.dataLeft), SHUTDOWN_DEADLINE_MS);
    const status = await daemon.end(reason);
    if (status === null) return;
    clearTimeout(watchdog);
    // Threads that hang in a write would otherwise hold up the end.
    exitNow(status);
  };
  process.once('uncaughtException', (error) => void crash(daemon, error));
  installSignals({
    reload: () => void daemon.reload(),
    end: (name) => void end(`signal ${name}`),
    toggleDebug: () => daemon.toggleDebug(),
    rotate: () => daemon.rotate(),
  });
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
        process.exitCode = checkConfiguration(options) ? EXIT.done : EXIT.badConfiguration;
        break;
      case 'run':
        await live(options);
        break;
    }
  } catch (error) {
    if (!isOperatorError(error)) throw error;
    complain(error.message);
    process.exitCode = EXIT.failed;
  }
}
