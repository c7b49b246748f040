/**
 * One program that logs, for one run: `node sender.js LOGGER MODE RUN COUNT PACKAGES SOCKET PORT`.
 *
 *   burst   eight messages, then a pause: what a call costs while there is room
 *   flood   as fast as the event loop goes round, fifty messages each time
 *   paced   as burst, for tests of losses; at the end one second for what waits
 *   exit    all at once, then process.exit()
 *
 * Prints JSON: microseconds a call (median of the later bursts), milliseconds in all, the longest turn of the event
 * loop, by the clock and in processor time: on a machine with other work the first tells of that work.
 */
import { writeSync } from 'node:fs';
import { setImmediate as turn, setTimeout as delay } from 'node:timers/promises';
import { openLogger } from './loggers.ts';

const BURST = 8;
const FLOOD_BURST = 50;
const PAUSE_MS = 2;
const GRACE_MS = 2500;
const STDOUT_FD = 1;

const [, , name = '', mode = '', run = '', counted = '0', packages = '', socket = '', port = '0'] = process.argv;
const count = Number(counted);
// What some throw when the daemon goes belongs to the comparison, and not onto the terminal.
process.on('uncaughtException', () => undefined);

const log = await openLogger(name, { packages, socket, port: Number(port) });
log(`run ${run} is ready`);
await delay(mode === 'exit' ? 0 : 200);

const size = mode === 'flood' ? FLOOD_BURST : mode === 'exit' ? count : BURST;
const times: number[] = [];
let longest = 0;
let longestCpu = 0;
const begun = performance.now();
for (let sent = 0; sent < count; ) {
  if (mode === 'burst' || mode === 'paced') await delay(PAUSE_MS);
  else if (mode === 'flood') await turn();
  const cpu = process.cpuUsage();
  const before = performance.now();
  const end = Math.min(count, sent + size);
  for (; sent < end; sent++) {
    try {
      log(`run ${run} message ${sent} of a bench, with a text as programs have it`);
    } catch {
      // It is missing then.
    }
  }
  const took = performance.now() - before;
  times.push((took * 1000) / size);
  longest = Math.max(longest, took);
  const { user, system } = process.cpuUsage(cpu);
  longestCpu = Math.max(longestCpu, (user + system) / 1000);
}
const elapsedMs = performance.now() - begun;
// By then everything is compiled.
const later = times.slice(times.length >> 1).toSorted((one, other) => one - other);
const result = { callUs: later[later.length >> 1], elapsedMs, blockMs: longest, blockCpuMs: longestCpu };
writeSync(STDOUT_FD, `${JSON.stringify(result)}\n`);
if (mode === 'exit') process.exit(0);
await delay(GRACE_MS);
process.exit(0);
