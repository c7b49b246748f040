/**
 * The long run of senders through restarts: `npm run test:nightly`, or `node build/test/nightly/client.js`.
 *
 * Options: `--messages N` (default 1,000,000), `--restarts N` (10), `--processes N` (8), `--threads N` (4 in each).
 */
import { test } from 'node:test';
import { parseArgs } from 'node:util';
import { logThroughRestarts } from '../support/client-restarts.ts';

const text = (value: string): { type: 'string'; default: string } => ({ type: 'string', default: value });
const { values } = parseArgs({
  options: { messages: text('1000000'), restarts: text('10'), processes: text('8'), threads: text('4') },
});
const sizes = {
  messages: Number(values.messages),
  restarts: Number(values.restarts),
  processes: Number(values.processes),
  threads: Number(values.threads),
};

test(`${sizes.messages} messages through ${sizes.restarts} restarts`, async (t) => {
  const { elapsedMs, reconnects } = await logThroughRestarts(t, sizes, (what) => process.stdout.write(`${what}\n`));
  const perSec = Math.round((sizes.messages * 1000) / elapsedMs);
  process.stdout.write(
    `all there, in order: ${(elapsedMs / 1000).toFixed(1)} s, ${perSec} messages/s, ${reconnects} reconnects\n`,
  );
});
