/**
 * The loop of `npm run test:watch` with a compiler that prints what a test writes, and the program's words where there
 * is nothing to watch.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { test, type TestContext } from 'node:test';
import { WatchLoop } from '../../runner/watch-loop.ts';
import { builtPath } from '../../support/project.ts';
import { temporaryDirectory } from '../../support/receiving.ts';
import { until } from '../../support/until.ts';

const BEGIN = '10:00:00 AM - File change detected. Starting incremental compilation...\n\n';
const DONE = '10:00:01 AM - Found 0 errors. Watching for file changes.\n\n';

interface Rig {
  readonly loop: WatchLoop;
  readonly printed: readonly string[];
  /** The compiler prints it. */
  readonly say: (text: string) => void;
  /** How often the command has begun, and ended by itself. */
  readonly runs: () => string;
}

/** @param rest what the command does between its two marks, in the language of the shell */
function startLoop(t: TestContext, rest: string): Rig {
  const folder = temporaryDirectory(t);
  const lines = `${folder}/lines`;
  const runs = `${folder}/runs`;
  writeFileSync(lines, '10:00:00 AM - Starting compilation in watch mode...\n\n');
  writeFileSync(runs, '');
  const printed: string[] = [];
  const loop = new WatchLoop({
    compiler: { program: 'tail', args: ['-n', '+1', '-f', lines] },
    run: { program: 'sh', args: ['-c', `printf b >>${runs}; ${rest}; printf e >>${runs}`] },
    print: (line) => printed.push(line),
  });
  t.after(() => loop.close());
  return {
    loop,
    printed,
    say: (text) => appendFileSync(lines, text),
    runs: () => readFileSync(runs, 'utf8'),
  };
}

test('the command runs after each build without error, and the end is clean', async (t) => {
  const { loop, printed, say, runs } = startLoop(t, ':');
  say(DONE);
  await until('the first run has ended', () => printed.length === 1);
  say(BEGIN + DONE);
  await until('the second run has ended', () => printed.length === 2);
  assert.equal(runs(), 'bebe');
  assert.deepEqual(printed, ['Waiting for a change.', 'Waiting for a change.']);
  loop.close();
  assert.equal(await loop.ended(), true);
});

test('errors are printed, and nothing runs', async (t) => {
  const { loop, printed, say, runs } = startLoop(t, ':');
  say('src/a.ts(1,1): error TS1: no\n\n10:00:01 AM - Found 1 error. Watching for file changes.\n\n');
  await until('the errors are printed', () => printed.length === 2);
  assert.deepEqual(printed, ['src/a.ts(1,1): error TS1: no', 'The tests run when there are no errors.']);
  assert.equal(runs(), '');
  loop.close();
  assert.equal(await loop.ended(), true);
});

test('a run is ended when files change, and begins again after the build', async (t) => {
  const folder = temporaryDirectory(t);
  const { loop, say, runs } = startLoop(t, `[ -e ${folder}/go ] || exec sleep 1000`);
  say(DONE);
  await until('the first run has begun', () => runs() === 'b');
  writeFileSync(`${folder}/go`, '');
  say(BEGIN + DONE);
  await until('the second run has ended', () => runs() === 'bbe');
  loop.close();
  assert.equal(await loop.ended(), true);
});

test('a run that goes on is ended at the end', async (t) => {
  const { loop, say, runs } = startLoop(t, 'exec sleep 1000');
  say(DONE);
  await until('the run has begun', () => runs() === 'b');
  loop.close();
  assert.equal(await loop.ended(), true);
});

test('a compiler that ends by itself is told apart', async () => {
  const command = { program: 'false', args: [] };
  const loop = new WatchLoop({ compiler: command, run: command, print: () => undefined });
  assert.equal(await loop.ended(), false);
});

test('a name that nothing matches is one line, and so is none', () => {
  const say = (...args: readonly string[]): readonly [number | null, string] => {
    const { status, stderr } = spawnSync(process.execPath, [builtPath('test', 'runner', 'watch.js'), ...args], {
      encoding: 'utf8',
    });
    return [status, stderr];
  };
  assert.deepEqual(say('unit/runner', 'no-such-test'), [1, 'no test file has "no-such-test" in its path\n']);
  assert.deepEqual(say(), [2, 'usage: npm run test:watch NAME ..., with parts of the paths of test files\n']);
});
