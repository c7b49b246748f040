/**
 * `--check`: every error of the configuration on stdout, nothing started, no file touched.
 */
import { formatProblem } from '../conf/config.ts';
import { loadConfiguration } from '../daemon/load-configuration.ts';
import type { DaemonSettings } from '../daemon/settings.ts';
import { printStdout } from '../sys/print.ts';

/** @returns whether the configuration is sound. */
export function checkConfiguration(settings: DaemonSettings): boolean {
  const { file, builtIn, problems } = loadConfiguration(settings.configFile);
  for (const problem of problems) printStdout(`${formatProblem(problem)}\n`);
  if (problems.length === 0) printStdout(`${file}: ${builtIn ? 'missing, built-in rules' : 'no errors'}\n`);
  return problems.length === 0;
}
