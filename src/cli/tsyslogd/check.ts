/**
 * `--check`: reports everything for which a reload would refuse the configuration, and what would be accepted but not
 * work. Nothing is started; no file is created, opened for writing or changed.
 *
 * With `--user`, `--group` and `--chroot` this process becomes what the daemon is when it reloads, so that the kernel
 * itself tells what is permitted.
 */
import { type ConfigProblem, formatProblem } from '../../conf/config.ts';
import { foresee } from '../../engine/outputs/foresee.ts';
import { loadConfiguration } from '../../engine/settings/load-configuration.ts';
import { dropPrivileges, planPrivileges, RootNeededError } from '../../process/privileges.ts';
import type { DaemonSettings } from '../../engine/settings/settings.ts';
import { loadLatePackages } from '../../sys/process/late-packages.ts';
import { printStdout } from '../../sys/print/print.ts';

/** @returns whether a reload would accept it. @throws PrivilegeError, ConfigFileError */
export async function checkConfiguration(settings: DaemonSettings): Promise<boolean> {
  const unlike = becomeDaemon(settings);
  const { file, builtIn, configuration, problems } = loadConfiguration(settings);
  const { rotate, secureMode, family, udpSizeBytes } = settings;
  const foreseen = await foresee(configuration, { rotate, secureMode, family, forward: { udpSizeBytes } });
  const errors = [...problems, ...foreseen.refused];
  if (unlike !== null) printStdout(`${file}: warning: ${unlike}\n`);
  for (const problem of errors) printStdout(`${formatProblem(problem)}\n`);
  for (const doubt of foreseen.doubtful) printStdout(`${formatProblem(asWarning(doubt))}\n`);
  if (errors.length === 0) printStdout(`${file}: ${builtIn ? 'missing, built-in rules' : 'no errors'}\n`);
  return errors.length === 0;
}

function asWarning(problem: ConfigProblem): ConfigProblem {
  return { ...problem, what: `warning: ${problem.what}` };
}

/** @returns why the answers may differ from the daemon's, or null */
function becomeDaemon({ user, group, rootDirectory }: DaemonSettings): string | null {
  try {
    const plan = planPrivileges({ user, group, directory: rootDirectory });
    if (rootDirectory !== null) loadLatePackages();
    // Whatever else could not be given up changes no answer.
    dropPrivileges(plan, () => undefined);
    return null;
  } catch (error) {
    if (!(error instanceof RootNeededError)) throw error;
    return `checked with the privileges of the caller: ${error.message}`;
  }
}
