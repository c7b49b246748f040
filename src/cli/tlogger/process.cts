/**
 * Runs tlogger: from one file, if that has been made since the last compilation, or else from its modules, which takes
 * one and a half times as long.
 *
 * Compiled code is not kept by module.enableCompileCache(): by default that lies in /tmp, where another user could put
 * code for root.
 */
// Whatever ends without having come to a result has failed.
process.exitCode = 1;

const BUNDLE = './bundle.cjs';
/** Written by the compiler whenever it has compiled; it is not part of the package. */
const COMPILED = '../../../.tsbuildinfo';

function timeOf(name: string): number {
  const { statSync } = process.getBuiltinModule('node:fs');
  return statSync(`${__dirname}/${name}`, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}

if (timeOf(BUNDLE) > timeOf(COMPILED)) module.require(BUNDLE);
else void import('./run.ts');
