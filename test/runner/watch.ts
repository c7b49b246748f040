/**
 * Builds on each change and runs the test files whose paths contain one of the arguments, until ^C: `npm run test:watch
 * NAME`.
 */
import { builtPath, projectPath } from '../support/project.ts';
import { listNames, unmatchedParts } from './selection.ts';
import { WatchLoop } from './watch-loop.ts';

async function watch(parts: readonly string[]): Promise<number> {
  if (parts.length === 0) {
    process.stderr.write('usage: npm run test:watch NAME ..., with parts of the paths of test files\n');
    return 2;
  }
  const unmatched = unmatchedParts(listNames(), parts);
  if (unmatched.length > 0) {
    process.stderr.write(`no test file has "${unmatched.join('" or "')}" in its path\n`);
    return 1;
  }
  const loop = new WatchLoop({
    compiler: {
      program: projectPath('node_modules', '.bin', 'tsc'),
      args: ['-p', projectPath('tsconfig.json'), '--watch', '--preserveWatchOutput'],
    },
    run: { program: process.execPath, args: [builtPath('test', 'run.js'), ...parts] },
    print: (line) => process.stdout.write(`${line}\n`),
  });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => loop.close());
  if (await loop.ended()) return 0;
  process.stderr.write('the compiler has ended\n');
  return 1;
}

process.exitCode = await watch(process.argv.slice(2));
