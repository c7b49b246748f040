/**
 * Runs tlogger in this process, with a clock, a host and a network of the test.
 */
import { logMessages } from '../../../../src/cli/tlogger/log-messages.ts';
import { readCommandLine } from '../../../../src/cli/tlogger/options/settings.ts';
import type { Surroundings } from '../../../../src/cli/tlogger/surroundings.ts';
import type { Connection, Network } from '../../../../src/cli/tlogger/transport/connection.ts';
import type { SocketKind } from '../../../../src/sys/sending/blocking-socket.ts';

/** Those of the tests of util-linux. */
export const TEST_SURROUNDINGS: Surroundings = {
  nowUs: () => 1_234_567_890_123_456,
  offsetMinAt: () => 0,
  clockErrorUs: () => null,
  host: () => 'test-hostname',
  pid: 98_765,
};

/** Takes everything; `kind` is the only one that it knows. */
export class FakeNetwork implements Network {
  readonly sent: string[] = [];
  /** Results of the next sends, then 0. */
  readonly results: number[] = [];
  opened = 0;
  readonly #kind: SocketKind;

  constructor(kind: SocketKind) {
    this.#kind = kind;
  }

  connect(kind: SocketKind): Connection | number {
    if (kind !== this.#kind) return -91;
    this.opened++;
    return {
      kind,
      send: (bytes) => {
        const result = this.results.shift() ?? 0;
        if (result === 0) this.sent.push(bytes.toString('latin1'));
        return result;
      },
      taken: () => null,
      close: () => undefined,
    };
  }
}

export interface LoggerRun {
  readonly sent: readonly string[];
  readonly warnings: readonly string[];
}

export interface LoggerRunOptions {
  readonly network?: FakeNetwork;
  readonly around?: Partial<Surroundings>;
}

/** @throws LoggerFailure */
export async function runLogger(words: readonly string[], options: LoggerRunOptions = {}): Promise<LoggerRun> {
  const { network = new FakeNetwork('stream'), around = {} } = options;
  const warnings: string[] = [];
  const warn = (text: string): number => warnings.push(text);
  const surroundings = { ...TEST_SURROUNDINGS, ...around };
  const line = readCommandLine(words, { pid: surroundings.pid, env: {}, warn });
  await logMessages(line.words, { settings: line.settings, around: surroundings, warn, network });
  return { sent: network.sent, warnings };
}
