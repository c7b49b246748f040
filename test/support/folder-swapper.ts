/**
 * A program that puts a symbolic link in the place of something and takes it away again, as fast as it can, until its
 * standard input ends.
 *
 * Arguments: what is replaced, and where the link leads. Says `swapping` when it begins; at the end everything is as it
 * was. Whatever else may stand in the way is given a name of its own.
 */
import { existsSync, lstatSync, renameSync, symlinkSync, unlinkSync, writeSync } from 'node:fs';

const [path = '', target = ''] = process.argv.slice(2);
const aside = `${path}.aside`;
let odd = 0;

function attempt(change: () => void): void {
  try {
    change();
  } catch {
    // Whoever is attacked makes and removes names too.
  }
}

function isLink(): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() === true;
}

function swap(): void {
  attempt(() => renameSync(path, aside));
  attempt(() => symlinkSync(target, path));
  attempt(() => unlinkSync(path));
  // What the other made meanwhile.
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
