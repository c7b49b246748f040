/**
 * A program that rotates a file as fast as it can and kills itself, without warning, before a given change of the
 * directory.
 *
 * Arguments: path, number of the first line, number of lines, the change before which to die (0: none). Prints the
 * number of each line once it is written, and `changes N` at the end.
 */
import { writeSync } from 'node:fs';
import { FILE_OPS, type FileOps } from '../../src/output/rotation/disk.ts';
import { RotationRig } from './rotation-rig.ts';

const [path = '', first = '0', count = '0', deadly = '0'] = process.argv.slice(2);
let changes = 0;

/** Compression changes the directory at any time: the number of a given change differs from run to run. */
function beforeChange(): void {
  changes++;
  if (changes === Number(deadly)) process.kill(process.pid, 'SIGKILL');
}

const ops: FileOps = {
  open: (...args) => {
    beforeChange();
    return FILE_OPS.open(...args);
  },
  rename: (...args) => {
    beforeChange();
    return FILE_OPS.rename(...args);
  },
  unlink: (...args) => {
    beforeChange();
    return FILE_OPS.unlink(...args);
  },
};

const rig = new RotationRig(path, { rule: { sizeBytes: 30, interval: null, count: 100 }, ops });
const failure = await rig.output.open(false);
if (failure !== null) throw new Error(failure);
for (let number = Number(first); number < Number(first) + Number(count); number++) {
  await rig.write([`line ${number}`]);
  writeSync(1, `${number}\n`);
}
await rig.compressed();
await rig.close();
if (rig.reports.some((line) => line.startsWith('cannot'))) throw new Error(rig.reports.join('\n'));
writeSync(1, `changes ${changes}\n`);
