/**
 * Temporary directories, processes and collected rows for tests of receiving.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Batch } from '../../src/dgram-parser/columns/batch.ts';
import type { Input, InputEvents } from '../../src/input/input.ts';
import { Peers } from '../../src/input/sender/peers.ts';
import { InputOpener, type OpenerOptions } from '../../src/input/input-opener.ts';
import type { ReceiverKind } from '../../src/input/receivers.ts';
import { PathWatcher } from '../../src/sys/file/path-watch.ts';
import { SendBatch } from '../../src/sys/socket/send-batch.ts';
import {
  closeSocket,
  connectUdp,
  connectUnix,
  createUdpSocket,
  createUnixSocket,
} from '../../src/sys/socket/sockets.ts';
import { PATIENCE_MS, until } from './until.ts';

/** A directory that `t` removes. */
export function temporaryDirectory(t: { after(done: () => void): void }): string {
  const dir = mkdtempSync(join(tmpdir(), 'tsyslogd-test-'));
  t.after(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

/** How a program ended, and its output. */
export interface Ended {
  readonly pid: number;
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program to its end. */
export async function run(
  command: string,
  args: readonly string[],
  options: { readonly uid?: number; readonly gid?: number } = {},
): Promise<Ended> {
  const child = spawn(command, args, { ...options, cwd: '/', stdio: ['ignore', 'pipe', 'pipe'] });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  await once(child, 'close');
  return { pid: child.pid ?? 0, status: child.exitCode, signal: child.signalCode, stdout, stderr };
}

/** Sends datagrams to a Unix socket; throws nothing. @returns number sent, or -errno */
export function sendUnix(path: string, ...payloads: readonly Uint8Array[]): number {
  const fd = createUnixSocket();
  try {
    connectUnix(fd, path);
    return new SendBatch(payloads, null).send(fd, 0, payloads.length);
  } finally {
    closeSocket(fd);
  }
}

/** Sends datagrams to a UDP port on this machine. */
export function sendUdp(address: string, port: number, ...payloads: readonly Uint8Array[]): number {
  const family = address.includes(':') ? 6 : 4;
  const fd = createUdpSocket(family);
  try {
    connectUdp(fd, { family, address, port, scopeId: 0 });
    return new SendBatch(payloads, null).send(fd, 0, payloads.length);
  } finally {
    closeSocket(fd);
  }
}

/** One row as its input left it. */
export interface Row {
  readonly text: Buffer;
  readonly flags: number;
  readonly origin: number;
  readonly peer: number;
  readonly cred: readonly number[];
}

export function rowOf(batch: Batch, row: number): Row {
  const off = row * batch.slotBytes;
  return {
    text: Buffer.from(batch.bytes.subarray(off, off + (batch.len[row] ?? 0))),
    flags: batch.flags[row] ?? 0,
    origin: batch.origin[row] ?? 0,
    peer: batch.peer[row] ?? 0,
    cred: [batch.credPid[row] ?? 0, batch.credUid[row] ?? 0, batch.credGid[row] ?? 0],
  };
}

/** Receivers with everything they need, and what they have received. */
export class Harness {
  readonly rows: Row[] = [];
  readonly reports: string[] = [];
  readonly batch: Batch;
  readonly peers: Peers;
  readonly watcher = new PathWatcher();
  readonly receivers: InputOpener;
  readonly #inputs: Input[] = [];
  /** Called after each batch. */
  onDeliver: () => void = () => {};

  constructor(
    t: { after(done: () => void): void },
    kind: ReceiverKind,
    options: Partial<OpenerOptions> & { readonly rows?: number; readonly messageBytes?: number } = {},
  ) {
    this.batch = new Batch(options.rows ?? 64, options.messageBytes ?? 1024);
    this.peers = new Peers({
      hostNames: { short: 'here', full: 'here.example.org', domain: 'example.org' },
      reverse: null,
    });
    const events: InputEvents = {
      deliver: (batch) => {
        for (let row = 0; row < batch.count; row++) this.rows.push(rowOf(batch, row));
        this.onDeliver();
      },
      report: (_severity, text) => this.reports.push(text),
    };
    const { batch, peers, watcher } = this;
    this.receivers = new InputOpener({ kind, batch, peers, watcher, events, family: null, ...options });
    t.after(() => this.close());
  }

  add<T extends Input>(input: T): T {
    this.#inputs.push(input);
    return input;
  }

  async received(count: number): Promise<readonly Row[]> {
    await until(
      `${count} rows came`,
      () => this.rows.length >= count,
      PATIENCE_MS,
      () => `${this.rows.length}`,
    );
    return this.rows;
  }

  texts(): string[] {
    return this.rows.map((row) => row.text.toString());
  }

  close(): void {
    for (const input of this.#inputs) input.close();
    this.watcher.close();
    this.peers.close();
  }
}
