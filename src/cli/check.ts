/**
 * `--check`: every error of the configuration on stdout, nothing started, no file touched.
 */
import { formatProblem } from '../conf/config.ts';
import { loadConfiguration } from '../daemon/load-configuration.ts';
import type { DaemonSettings } from '../daemon/settings.ts';

/** @returns whether the configuration is sound. */
export function checkConfiguration(settings: DaemonSettings): boolean {
  const { file, builtIn, problems } = loadConfiguration(settings.configFile);
  for (const problem of problems) process.stdout.write(`${formatProblem(problem)}\n`);
  if (problems.length === 0) process.stdout.write(`${file}: ${builtIn ? 'missing, built-in rules' : 'no errors'}\n`);
  return problems.length === 0;
}
