/**
 * `tsyslogd/client/pino`: sends what pino logs to the log daemon.
 *
 * The default export is for `transport.target`, in a thread of its own. {@link pinoDestination} works in the thread that
 * logs: what was logged before `process.exit()` has been sent, without any help.
 */
import { Writable } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';
import { SyslogClient } from '../index.ts';
import { type PinoOptions, PinoRecords } from './record.ts';

export type { PinoOptions } from './record.ts';

/** What pino takes for its destination. */
export interface PinoDestination {
  /** So that `pino(destination)` does not take it for options. */
  readonly writable: true;
  write(line: string): void;
  /** pino calls it after a fatal record. */
  flushSync(): void;
  /** What waits, was sent, was lost. */
  readonly client: SyslogClient;
}

/** @throws TypeError where an option is wrong */
export function pinoDestination(options: PinoOptions = {}): PinoDestination {
  const records = new PinoRecords(options);
  const client = new SyslogClient(options);
  return {
    writable: true,
    client,
    write(line) {
      client.log(records.message(line.endsWith('\n') ? line.slice(0, -1) : line));
    },
    flushSync() {
      client.flushSync();
    },
  };
}

/** Waiting for the daemon, so that pino keeps what comes meanwhile. */
const PATIENCE_MS = 1000;

/** Takes pieces of text, and sends each line. */
class LineStream extends Writable {
  readonly #records: PinoRecords;
  readonly #client: SyslogClient;
  readonly #decoder = new StringDecoder('utf8');
  #rest = '';

  constructor(options: PinoOptions) {
    super({ decodeStrings: true });
    this.#records = new PinoRecords(options);
    this.#client = new SyslogClient(options);
  }

  override _write(piece: Buffer, _encoding: BufferEncoding, done: (error?: Error) => void): void {
    const lines = (this.#rest + this.#decoder.write(piece)).split('\n');
    this.#rest = lines.pop() ?? '';
    this.#sendAll(lines).then(() => done(), done);
  }

  override _final(done: (error?: Error) => void): void {
    const last = this.#rest + this.#decoder.end();
    if (last !== '') this.#client.log(this.#records.message(last));
    this.#client.close().then(() => done(), done);
  }

  /** Waits where messages wait: a thread that only sends has nothing else to do. */
  async #sendAll(lines: readonly string[]): Promise<void> {
    for (const line of lines) {
      const sent = line === '' || this.#client.log(this.#records.message(line));
      if (!sent && this.#client.counters.queued > 0) await this.#client.flush(PATIENCE_MS);
    }
  }
}

/** For `pino({ transport: { target: 'tsyslogd/client/pino', options } })`. @throws TypeError where an option is wrong */
// oxlint-disable-next-line import/no-default-export -- it is what pino asks a transport's module for
export default function openTransport(options: PinoOptions = {}): Writable {
  return new LineStream(options);
}
