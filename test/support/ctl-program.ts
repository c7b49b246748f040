/**
 * Runs tsyslogctl as a program, with servers for it to meet: well-behaved, hostile, hung and dying ones.
 */
import { spawn } from 'node:child_process';
import { createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { cleanUp, TestDaemon } from './daemon.ts';
import { builtPath } from './project.ts';

export interface Ran {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly input?: string | Uint8Array;
  readonly uid?: number;
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
}

/** A command that hangs fails its test. */
const PATIENCE_MS = 60_000;

/** Runs `tsyslogctl ARGS`; stdin is empty unless given. */
export function runControl(args: readonly string[], options: RunOptions = {}): Promise<Ran> {
  const { input = '', uid, env, cwd = '/' } = options;
  const child = spawn(process.execPath, [builtPath('src', 'cli', 'tsyslogctl.cjs'), ...args], {
    cwd,
    timeout: PATIENCE_MS,
    killSignal: 'SIGKILL',
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { ...process.env, ...env },
    ...(uid === undefined ? {} : { uid, gid: uid }),
  });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  // A command that does not read its input may exit before it is written.
  child.stdin.on('error', () => undefined);
  child.stdin.end(input);
  return new Promise((resolve) => child.on('close', (status) => resolve({ status, stdout, stderr })));
}

/** What a server does with one request line. */
export type Reply = (socket: Socket, command: string) => void;

/** Listens in its own folder. @returns the path of its socket */
export async function fakeServer(context: TestContext, reply: Reply): Promise<string> {
  const path = join(TestDaemon.folder(context), 'ctl');
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    let received = '';
    socket.on('error', () => undefined);
    socket.setEncoding('utf8').on('data', (text: string) => {
      received += text;
      for (let end = received.indexOf('\n'); end !== -1; end = received.indexOf('\n')) {
        const request: unknown = JSON.parse(received.slice(0, end));
        received = received.slice(end + 1);
        const isRequest = typeof request === 'object' && request !== null && 'command' in request;
        reply(socket, isRequest ? String(request.command) : '');
      }
    });
  });
  cleanUp(context, async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
  await new Promise<void>((resolve) => server.listen(path, resolve));
  return path;
}

/** Answers with these documents, one line each. */
export function answering(...documents: readonly unknown[]): Reply {
  return (socket) => {
    for (const document of documents) socket.write(`${JSON.stringify(document)}\n`);
  };
}
