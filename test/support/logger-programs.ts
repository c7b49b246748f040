/**
 * Runs tlogger and, beside it, logger(1) of util-linux, with receivers of every kind for them to send to.
 */
import { spawn, spawnSync } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { readSync } from 'node:fs';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { errorCode } from '../../src/sys/call/error-text.ts';
import { watchReadable } from '../../src/sys/call/readiness.ts';
import { bindUnix, closeSocket, createUnixSocket } from '../../src/sys/socket/sockets.ts';
import { cleanUp, TestDaemon } from './daemon.ts';
import { builtPath } from './project.ts';
import { until } from './until.ts';

const PATIENCE_MS = 120_000;
const DATAGRAM_MAX_BYTES = 1024 * 1024;
const TLOGGER = builtPath('src', 'cli', 'tlogger.cjs');

/** Why logger(1) cannot be compared with, or false where it can. */
export function loggerMissing(): string | false {
  const { stdout } = spawnSync('logger', ['--version'], { encoding: 'utf8' });
  return stdout.includes('util-linux') ? false : 'logger of util-linux is not installed';
}

export type ProgramName = 'logger' | 'tlogger';

export interface ProgramRun {
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  /** A character for each byte. */
  readonly stderr: string;
}

export interface ProgramOptions {
  readonly input?: string | Uint8Array;
  readonly env?: Readonly<Record<string, string>>;
  /** Bytes of one more argument, as printf(1) takes them. */
  readonly rawArgument?: string;
  readonly cwd?: string;
  /** Shell text behind the command, such as `2>/dev/full`. */
  readonly redirect?: string;
  /** Command that the program is started by. */
  readonly wrapper?: readonly string[];
  readonly nodeOptions?: readonly string[];
}

export function commandOf(name: ProgramName, nodeOptions: readonly string[] = []): readonly string[] {
  return name === 'logger' ? ['logger'] : [process.execPath, ...nodeOptions, TLOGGER];
}

/** Runs one of the two to its end. */
export async function runProgram(
  name: ProgramName,
  args: readonly string[],
  options: ProgramOptions = {},
): Promise<ProgramRun> {
  const { input = '', env = {}, rawArgument, redirect, wrapper = [], cwd = '/', nodeOptions } = options;
  const words = [...commandOf(name, nodeOptions), ...args];
  const shell =
    rawArgument === undefined && redirect === undefined
      ? []
      : ['sh', '-c', `"$@" ${rawArgument === undefined ? '' : `"$(printf '${rawArgument}')"`} ${redirect ?? ''}`, 'sh'];
  const [program = '', ...rest] = [...wrapper, ...shell, ...words];
  const { POSIXLY_CORRECT: _, ...inherited } = process.env;
  const child = spawn(program, rest, {
    cwd,
    timeout: PATIENCE_MS,
    killSignal: 'SIGKILL',
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { ...inherited, LC_ALL: 'C', ...env },
  });
  const parts: { stdout: string; stderr: string } = { stdout: '', stderr: '' };
  child.stdout.setEncoding('latin1').on('data', (text: string) => (parts.stdout += text));
  child.stderr.setEncoding('latin1').on('data', (text: string) => (parts.stderr += text));
  // A program that does not read its input may be gone before it is written.
  child.stdin.on('error', () => undefined);
  child.stdin.end(input);
  await once(child, 'close');
  return { status: child.exitCode, signal: child.signalCode, ...parts };
}

/** Something to send to. */
export interface Target {
  /** Options that lead there. */
  readonly args: readonly string[];
  /** @returns what came since it was last asked: datagrams, or all bytes of a stream */
  take(): Promise<readonly string[]>;
}

export type TargetName = 'datagram' | 'stream' | 'udp' | 'tcp';
export const TARGET_NAMES: readonly TargetName[] = ['datagram', 'stream', 'udp', 'tcp'];

export async function openTarget(t: TestContext, name: TargetName): Promise<Target> {
  switch (name) {
    case 'datagram':
      return unixDatagrams(t);
    case 'stream': {
      const path = join(TestDaemon.folder(t), 'stream');
      return await streamTarget(t, path, () => ['-u', path]);
    }
    case 'tcp':
      return await streamTarget(t, 0, (port) => ['-n', '127.0.0.1', '-T', '-P', String(port)]);
    case 'udp':
      break;
  }
  return await udpTarget(t);
}

function unixDatagrams(t: TestContext): Target {
  const path = join(TestDaemon.folder(t), 'log');
  const fd = createUnixSocket();
  bindUnix(fd, path);
  const buffer = Buffer.alloc(DATAGRAM_MAX_BYTES);
  const texts: string[] = [];
  const drain = (): void => {
    try {
      for (;;) texts.push(buffer.toString('latin1', 0, readSync(fd, buffer)));
    } catch (error) {
      if (errorCode(error) !== 'EAGAIN') throw error;
    }
  };
  const readiness = watchReadable(fd, drain);
  cleanUp(t, () => {
    readiness.close();
    closeSocket(fd);
  });
  return {
    args: ['-u', path],
    take() {
      drain();
      return Promise.resolve(texts.splice(0));
    },
  };
}

async function udpTarget(t: TestContext): Promise<Target> {
  const socket = createSocket('udp4');
  const texts: string[] = [];
  socket.on('message', (bytes) => texts.push(bytes.toString('latin1')));
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  cleanUp(t, () => socket.close());
  const { port } = socket.address();
  let marks = 0;
  return {
    args: ['-n', '127.0.0.1', '-d', '-P', String(port)],
    async take() {
      // What was sent before this has come when this has.
      const mark = `mark ${++marks}`;
      socket.send(mark, port, '127.0.0.1');
      await until('the mark has come', () => texts.includes(mark));
      return texts.splice(0).filter((text) => text !== mark);
    },
  };
}

async function streamTarget(
  t: TestContext,
  at: string | number,
  args: (port: number) => readonly string[],
): Promise<Target> {
  /** What came over each, in the order in which they were opened. */
  const connections: string[][] = [];
  const sockets = new Set<Socket>();
  let taken = 0;
  let ended = 0;
  const server = createServer((socket) => {
    sockets.add(socket);
    const parts: string[] = [];
    connections.push(parts);
    socket.on('error', () => undefined);
    socket.setEncoding('latin1').on('data', (text: string) => parts.push(text));
    socket.on('close', () => ended++);
  });
  if (typeof at === 'string') server.listen(at);
  else server.listen(at, '127.0.0.1');
  await once(server, 'listening');
  cleanUp(t, async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
  const address: AddressInfo | string | null = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return {
    args: args(port),
    async take() {
      // A connection of our own comes behind those of the program.
      const mark = `mark ${connections.length}`;
      connect(typeof at === 'string' ? { path: at } : { port, host: '127.0.0.1' }).end(mark);
      const texts = (): string[] => connections.slice(taken).map((parts) => parts.join(''));
      await until('the mark has come', () => texts().at(-1) === mark);
      await until('all connections have ended', () => connections.length === ended);
      const found = texts().slice(0, -1);
      taken = connections.length;
      return found;
    },
  };
}
