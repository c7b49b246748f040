/**
 * Creates the Debian of debian-base.ts in advance, however long that takes, so that no test has to.
 */
import { machineMissing } from './machine.ts';

const PATIENCE_MS = 1_200_000;

const missing = machineMissing(PATIENCE_MS);
process.stdout.write(missing === false ? 'machines can be booted\n' : `no machines are booted: ${missing}\n`);
