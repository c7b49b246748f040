/**
 * The command `tsyslogd`: picks the action and reports its failure. Errors for the operator take one line each.
 */
import { ServiceManager } from '../../process/service-manager.ts';
import { printStdout } from '../../sys/print/print.ts';
import { exitNow } from '../../sys/process/exit-now.ts';
import { setProcessName } from '../../sys/process/process-name.ts';
import { complain, complainUsage } from '../command-line/complain.ts';
import { UsageError } from '../command-line/usage-error.ts';
import { readVersion } from '../command-line/version.ts';
import { absolutePaths, workingDirectory } from './absolute-paths.ts';
import { checkConfiguration } from './check.ts';
import { runDaemonProcess } from './daemon-process.ts';
import { EXIT } from './exit-status.ts';
import { explain } from './explain-error.ts';
import { usageText } from './option-table.ts';
import { type Options, parseOptions } from './options.ts';

/** Runs the command; sets the exit status if the process does not stay. */
export async function runDaemon(argv: readonly string[]): Promise<void> {
  const options = parse(argv);
  if (options === null) {
    process.exitCode = EXIT.usage;
    return;
  }
  try {
    await act(options, argv);
  } catch (error) {
    const isUsage = error instanceof UsageError;
    if (isUsage) complainUsage(error);
    else complain(explain(error));
    const status = isUsage ? EXIT.usage : EXIT.failed;
    process.exitCode = status;
    // A daemon that could not start may still wait for something, such as a disk that hangs; that must not keep the
    // process.
    if (options.action === 'run') exitNow(status);
  }
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

async function act(options: Options, argv: readonly string[]): Promise<void> {
  switch (options.action) {
    case 'help':
      printStdout(usageText());
      break;
    case 'version':
      printStdout(`tsyslogd ${readVersion()}\n`);
      break;
    case 'check':
      // Look-ups may still be running, but nobody waits for them.
      exitNow((await check(options)) ? EXIT.done : EXIT.badConfiguration);
      break;
    case 'run':
      setProcessName('tsyslogd', argv);
      await runDaemonProcess(options);
      break;
  }
}

/** In another root directory relative paths would mean something else. */
function check(options: Options): Promise<boolean> {
  const isMoved = options.rootDirectory !== null;
  return checkConfiguration(isMoved ? absolutePaths(options, workingDirectory()) : options);
}
