/**
 * A program that replaces something with a symbolic link and puts it back, as fast as it can, until its standard input
 * ends.
 *
 * Arguments: what is replaced, and the target of the link. Prints `swapping` when it starts; at the end everything is
 * as before. Anything else in the way is renamed.
 */
import { existsSync, lstatSync, renameSync, symlinkSync, unlinkSync, writeSync } from 'node:fs';

const [path = '', target = ''] = process.argv.slice(2);
const aside = `${path}.aside`;
let odd = 0;

function attempt(change: () => void): void {
  try {
    change();
  } catch {
    // The victim of the attack also creates and removes names.
  }
}

function isLink(): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() === true;
}

function swap(): void {
  attempt(() => renameSync(path, aside));
  attempt(() => symlinkSync(target, path));
  attempt(() => unlinkSync(path));
  // What the victim has created meanwhile.
  if (existsSync(path) && !isLink()) attempt(() => renameSync(path, `${path}.odd${odd++ % 8}`));
  attempt(() => renameSync(aside, path));
}

let ended = false;
process.stdin.on('end', () => (ended = true)).resume();
function turn(): void {
  for (let round = 0; round < 50; round++) swap();
  if (!ended) setImmediate(turn);
}
writeSync(1, 'swapping\n');
turn();
