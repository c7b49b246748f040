/**
 * Runs programs where /dev is their own, with a log socket at /dev/log of the kind that is asked for, and prints as JSON
 * what each sent, printed, and wrote to the console.
 *
 * Argument: JSON, `{ kind, programs: string[][] }`; `kind` is `datagram`, `stream` or `none`.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { text } from 'node:stream/consumers';
import { LogReceiver } from './log-receiver.ts';
import { until } from './until.ts';

export interface Seen {
  readonly sent: readonly string[];
  readonly stdout: string;
  readonly stderr: string;
  readonly console: string;
  readonly pid: number;
}

type Kind = 'datagram' | 'stream' | 'none';

interface Listening {
  readonly read: () => string[];
  readonly close: () => void;
}

async function listenStream(): Promise<Listening> {
  let got = '';
  let open = 0;
  const server = createServer((socket) => {
    open++;
    socket.on('data', (piece: Buffer) => (got += piece.toString('utf8')));
    socket.on('close', () => open--);
  });
  server.listen('/dev/log');
  await once(server, 'listening');
  return { read: () => (open > 0 || got === '' ? [] : [got]), close: () => server.close() };
}

async function listen(kind: Kind): Promise<Listening> {
  if (kind === 'stream') return await listenStream();
  if (kind === 'none') return { read: () => [''], close: () => undefined };
  const receiver = new LogReceiver('/dev/log');
  return { read: () => receiver.readAll(), close: () => receiver.close() };
}

async function see(kind: Kind, [program = '', ...args]: readonly string[]): Promise<Seen> {
  rmSync('/dev/log', { force: true });
  writeFileSync('/dev/console', '');
  const listening = await listen(kind);
  const sent: string[] = [];
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  const timer = setInterval(() => sent.push(...listening.read()), 1);
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
  clearInterval(timer);
  if (kind === 'stream') await until('the stream has ended', () => sent.push(...listening.read()) > 0);
  else sent.push(...listening.read());
  listening.close();
  // A stream is read once more after it was seen.
  const all = kind === 'datagram' ? sent : sent.slice(-1);
  return { sent: all, stdout, stderr, console: readFileSync('/dev/console', 'utf8'), pid: child.pid ?? 0 };
}

function isRequest(value: unknown): value is { readonly kind: Kind; readonly programs: string[][] } {
  return typeof value === 'object' && value !== null && 'kind' in value && 'programs' in value;
}

const request: unknown = JSON.parse(process.argv[2] ?? '');
if (!isRequest(request)) throw new TypeError('expected { kind, programs }');
const seen: Seen[] = [];
for (const program of request.programs) seen.push(await see(request.kind, program));
process.stdout.write(JSON.stringify(seen));
