/**
 * The load generator: a separate program that sends numbered messages to a log socket or by UDP, at full speed or at an
 * even pace, and prints what it sent as one line of JSON.
 *
 * Run: `node build/bench/load/generator.js --socket PATH --count 100000` (see USAGE). It reports no loss: the reader of
 * the receiver's files counts what arrived.
 */
import { parseArgs } from 'node:util';
import { DEFAULT_BYTES, loopback, pauseMs, Sender, type Target } from './sender.ts';
import { type Kind, kindsOf, shortestPayload, type Spread } from './payload.ts';

const USAGE = `usage: generator (--socket PATH | --udp PORT) [--count N] [--seconds T], whichever comes first
  --bytes S    size of each datagram (default ${DEFAULT_BYTES})
  --rate R     messages a second, spread evenly (default: as fast as they are taken)
  --group G    datagrams of one sendmmsg at full speed (default 64)
  --first N    number of the first message (default 0)
  --spread P:G messages of P programs in G groups instead of the sixteen kinds
`;

interface Plan {
  readonly target: Target;
  readonly count: number;
  readonly seconds: number;
  readonly bytes: number;
  /** Messages per second; infinite: full speed. */
  readonly rate: number;
  readonly group: number;
  readonly first: number;
  readonly kinds: readonly Kind[];
}

function readSpread(text: string | undefined): Spread | null {
  if (text === undefined) return null;
  const [programs = 0, groups = 0] = text.split(':').map(Number);
  if (!(programs >= 1) || !(groups >= 1))
    throw new RangeError(`--spread is "${text}": expected two numbers from 1, P:G`);
  return { programs, groups };
}

function readPlan(): Plan {
  const text = { type: 'string' } as const;
  const { values } = parseArgs({
    options: {
      ...{ socket: text, udp: text, count: text, seconds: text },
      ...{ bytes: text, rate: text, group: text, first: text, spread: text },
    },
  });
  const kinds = kindsOf(readSpread(values.spread));
  const number = (name: keyof typeof values, otherwise: number, least: number): number => {
    const value = Number(values[name] ?? otherwise);
    if (!(value >= least)) throw new RangeError(`--${name} is "${values[name]}": expected a number from ${least}`);
    return value;
  };
  if ((values.socket === undefined) === (values.udp === undefined)) throw new RangeError('expected --socket or --udp');
  if (values.count === undefined && values.seconds === undefined)
    throw new RangeError('expected --count, --seconds or both');
  return {
    target: values.socket === undefined ? loopback(number('udp', 0, 1)) : { kind: 'unix', path: values.socket },
    count: number('count', Number.POSITIVE_INFINITY, 1),
    seconds: number('seconds', Number.POSITIVE_INFINITY, 0),
    bytes: number('bytes', DEFAULT_BYTES, shortestPayload(kinds, values.udp !== undefined)),
    rate: number('rate', Number.POSITIVE_INFINITY, 1),
    group: number('group', 64, 1),
    first: number('first', 0, 0),
    kinds,
  };
}

/** @returns number of messages sent */
function flood(sender: Sender, plan: Plan, endMs: number): number {
  let sent = 0;
  while (sent < plan.count && performance.now() < endMs) {
    sent += sender.send(plan.first + sent, Math.min(plan.group, plan.count - sent));
  }
  return sent;
}

/** Message n is sent at n / rate seconds; a late one at once, to keep the rate. */
function pace(sender: Sender, plan: Plan, startMs: number, endMs: number): number {
  let sent = 0;
  while (sent < plan.count) {
    const dueMs = startMs + (sent * 1000) / plan.rate;
    if (dueMs >= endMs) break;
    const waitMs = dueMs - performance.now();
    if (waitMs > 0) pauseMs(waitMs);
    sent += sender.send(plan.first + sent, 1);
  }
  return sent;
}

function main(plan: Plan): void {
  const sender = new Sender(plan.target, plan.bytes, plan.kinds);
  const cpu = process.cpuUsage();
  const startMs = performance.now();
  const endMs = startMs + plan.seconds * 1000;
  const sent = Number.isFinite(plan.rate) ? pace(sender, plan, startMs, endMs) : flood(sender, plan, endMs);
  const doneMs = performance.now();
  const { user, system } = process.cpuUsage(cpu);
  const whole = process.cpuUsage();
  sender.close();
  const report = {
    sent,
    bytes: sent * plan.bytes,
    startedMs: performance.timeOrigin + startMs,
    elapsedMs: doneMs - startMs,
    cpuUs: user + system,
    wholeCpuUs: whole.user + whole.system,
  };
  process.stdout.write(`${JSON.stringify(report)}\n`);
}

try {
  main(readPlan());
} catch (error) {
  process.stderr.write(`generator: ${error instanceof Error ? error.message : String(error)}\n${USAGE}`);
  process.exitCode = 2;
}
