/**
 * A program whose worker threads each send numbered messages as fast as the daemon takes them.
 *
 * Arguments: path of the socket, beginning of the tags, threads, messages of each. Prints the counters of each thread as
 * one line of JSON.
 */
import { once } from 'node:events';
import { setImmediate as turn } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { isMainThread, Worker, workerData } from 'node:worker_threads';
import { SyslogClient } from '../../src/client/index.ts';

const FLUSH_MS = 300_000;
/** Messages between two turns of the event loop. */
const BURST = 100;

const [, , path = '', tag = '', threads = '0', count = '0'] = process.argv;

async function send(ident: string): Promise<void> {
  const client = new SyslogClient({ path, ident, pid: false });
  for (let number = 0; number < Number(count); number++) {
    const sent = client.info(String(number));
    if (!sent && client.counters.queued > 1000) await client.flush(FLUSH_MS);
    else if (number % BURST === 0) await turn();
  }
  await client.flush(FLUSH_MS);
  process.stdout.write(`${JSON.stringify({ ident, ...client.counters })}\n`);
}

if (isMainThread) {
  const file = fileURLToPath(import.meta.url);
  const workers = Array.from(
    { length: Number(threads) },
    (_, n) => new Worker(file, { argv: process.argv.slice(2), workerData: n }),
  );
  await Promise.all(workers.map((worker) => once(worker, 'exit')));
} else await send(`${tag}t${String(workerData)}`);
