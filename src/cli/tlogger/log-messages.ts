/**
 * One run of the program: opens the connection, sends the arguments or the lines, and says how that went.
 */
import { statSync } from 'node:fs';
import { errnoOf } from '../../sys/call/error-text.ts';
import { LoggerFailure, strerror } from './failure.ts';
import { loginName } from './login-name.ts';
import { messagesOf } from './message/arguments.ts';
import { ByteInput } from './message/byte-input.ts';
import { formatHeader, type HeaderSettings } from './message/header.ts';
import { messagesIn } from './message/lines.ts';
import { printStderr } from './print.ts';
import type { Settings } from './options/settings.ts';
import type { Surroundings } from './surroundings.ts';
import type { Network, Place } from './transport/connection.ts';
import { Sender } from './transport/sender.ts';

export interface RunContext {
  readonly settings: Settings;
  readonly around: Surroundings;
  readonly warn: (text: string) => void;
  readonly network: Network;
}

/** There is a folder of this name where systemd is process 1. Source: sd_booted(3). */
const SYSTEMD_RUNS = '/run/systemd/system';

/** @param words the message; none: lines are read. @returns the exit status. @throws LoggerFailure */
export async function logMessages(words: readonly string[], context: RunContext): Promise<number> {
  const { settings, around, warn, network } = context;
  const { server, socket, port, kinds, noAct, octetCount, stderr, waitMs } = settings;
  const place: Place = server === null ? { family: 'unix', path: socket } : { family: 'inet', host: server, port };
  const copy = stderr ? printStderr : null;
  const options = { place, kinds, complain: complainsOf(settings), noAct, octetCount, copy, warn };
  const sender = new Sender(network, options);
  await sender.open();
  const header = await headerSettings(settings);
  // What is wrong with the header is said before anything is read.
  const first = formatHeader(header, settings.priority, around);
  if (words.length > 0) for (const text of messagesOf(words, settings.maxBytes)) await sender.write(first, text);
  else await sendLines(sender, first, { settings, header, around });
  const reason = waitMs === null ? null : await sender.taken();
  sender.close();
  if (reason === null) return 0;
  throw new LoggerFailure(`messages not taken: ${reason}`);
}

function complainsOf({ socketErrors, noAct, stderr, waitMs }: Settings): boolean {
  if (waitMs !== null || socketErrors === 'on') return true;
  return socketErrors === 'auto' && (noAct || stderr || isSystemdRunning());
}

function isSystemdRunning(): boolean {
  return statSync(SYSTEMD_RUNS, { throwIfNoEntry: false })?.isDirectory() === true;
}

async function headerSettings(settings: Settings): Promise<HeaderSettings> {
  const { server, format, tag, pid, msgid, elements, withTime, withTimeQuality, withHost } = settings;
  const asUsual = server === null ? 'local' : 'rfc5424';
  const given = { pid, msgid, elements, withTime, withTimeQuality, withHost };
  return { ...given, format: format ?? asUsual, tag: tag ?? (await loginName()) };
}

interface LinesContext {
  readonly settings: Settings;
  readonly header: HeaderSettings;
  readonly around: Surroundings;
}

async function sendLines(sender: Sender, first: string, { settings, header, around }: LinesContext): Promise<void> {
  const input = new ByteInput(settings.input);
  let ready: string | null = first;
  for (const { priority, text } of messagesIn(input, settings)) {
    // The first one has the time of the start.
    await sender.write(
      ready !== null && priority === settings.priority ? ready : formatHeader(header, priority, around),
      text,
    );
    ready = null;
  }
  if (settings.waitMs !== null && input.failure !== null)
    throw new LoggerFailure(`read error: ${strerror(errnoOf(input.failure))}`);
}
