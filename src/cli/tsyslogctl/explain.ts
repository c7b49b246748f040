/**
 * `explain`: for one message, which rules match, why the others do not, and what would be written where. Needs neither
 * a running daemon nor privileges, and changes nothing.
 */
import { readSync } from 'node:fs';
import { isatty } from 'node:tty';
import { formatProblem } from '../../conf/config.ts';
import { createFileSource } from '../../conf/file-source.ts';
import { payloadBytes } from '../../engine/settings/payload-bytes.ts';
import { destinationKeys } from '../../engine/outputs/destination-key.ts';
import { BUILT_IN, ConfigFileError, type Loaded, loadConfiguration } from '../../engine/settings/load-configuration.ts';
import { withoutForbidden } from '../../engine/settings/secure-mode.ts';
import { FormatSet } from '../../format/create-format.ts';
import { MESSAGE_DEFAULT_BYTES } from '../../protocol/limits.ts';
import { explainRow, givenOutcomes, type RuleOutcome } from '../../route/explain/explain.ts';
import { SourceText } from '../../route/explain/source.ts';
import { printPainted, printStderr } from '../../sys/print/print.ts';
import { visibleText } from '../../sys/print/visible-text.ts';
import { type AskedMessage, type AskedRow, createRow, readMessage } from './explain-message.ts';
import { renderMessage, renderRecords, renderRules } from './explain-text.ts';
import type { ControlRequest } from './options.ts';
import { chooseStyle } from './style.ts';
import { CTL_EXIT } from './command-table.ts';
import { ControlFailed } from './target.ts';
import { type Options, parseOptions } from '../tsyslogd/options.ts';
import { asDaemonOptions } from '../command-line/usage-error.ts';

const STDIN_FD = 0;
const STDOUT_FD = 1;
/** More than the longest message. */
const STDIN_MAX_BYTES = 128 * 1024;
const LF = 0x0a;

/** @returns the exit status. @throws UsageError, ControlFailed */
// oxlint-disable-next-line require-await -- all commands are asynchronous
export async function explainMessage(request: ControlRequest): Promise<number> {
  const settings = daemonSettings(request);
  const texts = new SourceText();
  const { text } = request;
  const message = readMessage(request.explain, () =>
    text === null ? readStdin(request.explain.has('raw')) : Buffer.from(text),
  );
  const loaded = load(settings, texts);
  for (const problem of loaded.problems) printStderr(`${formatProblem(problem)}\n`);
  const { directives } = loaded.configuration;
  const asked = createRow(message, settings, directives.maxMessageBytes ?? MESSAGE_DEFAULT_BYTES);
  const outcomes = explainConfiguration(loaded, settings, asked);
  printPainted(render(request, { message, loaded, settings, asked, outcomes, texts }));
  return loaded.problems.length === 0 ? CTL_EXIT.done : CTL_EXIT.badConfiguration;
}

/** The settings that the daemon would run with. */
function daemonSettings({ explain }: ControlRequest): Options {
  const words = (explain.get('daemon-options') ?? '').split(/\s+/).filter((word) => word !== '');
  const file = explain.get('config');
  return asDaemonOptions(() => parseOptions([...words, ...(file === undefined ? [] : ['-f', file])]));
}

/** A whole datagram, or one line. */
function readStdin(whole: boolean): Buffer {
  const buffer = Buffer.alloc(STDIN_MAX_BYTES);
  let end = 0;
  while (end < buffer.length) {
    const got = readSync(STDIN_FD, buffer, end, buffer.length - end, null);
    end += got;
    if (got === 0 || (!whole && buffer.subarray(end - got, end).includes(LF))) break;
  }
  const newline = buffer.indexOf(LF);
  return buffer.subarray(0, whole || newline === -1 || newline > end ? end : newline);
}

function load(settings: Options, texts: SourceText): Loaded {
  try {
    const loaded = loadConfiguration(settings, texts.recording(createFileSource()));
    if (loaded.builtIn) texts.add(BUILT_IN.name, Buffer.from(BUILT_IN.text));
    return loaded;
  } catch (error) {
    if (!(error instanceof ConfigFileError)) throw error;
    throw new ControlFailed(error.message, CTL_EXIT.failed);
  }
}

/** The answer as data: what every rule does with the message. */
function explainConfiguration({ configuration }: Loaded, settings: Options, asked: AskedRow): readonly RuleOutcome[] {
  // As in the daemon: rules that are left out have no destination.
  const inForce = withoutForbidden(configuration, settings.secureMode, () => undefined);
  const keys = destinationKeys(configuration, { rotate: settings.rotate, forward: settings });
  const numbers = new Map([...new Set(keys)].map((key, number) => [key, number]));
  const rules = new Set(inForce.rules);
  const context = {
    destinationOf: (idx: number) => numbers.get(keys[idx] ?? '') ?? -1,
    ownHosts: asked.ownHosts,
    isLeftOut: (rule: (typeof configuration.rules)[number]) => !rules.has(rule),
  };
  return explainRow(configuration.rules, context, asked.batch, 0, asked.labels);
}

/** Everything needed for printing. */
interface Explanation {
  readonly message: AskedMessage;
  readonly loaded: Loaded;
  readonly settings: Options;
  readonly asked: AskedRow;
  readonly outcomes: readonly RuleOutcome[];
  readonly texts: SourceText;
}

/** `-q`: only the rules that match, and where it goes. */
function render(request: ControlRequest, explanation: Explanation): string {
  const { message, loaded, settings, asked, outcomes, texts } = explanation;
  const { directives } = loaded.configuration;
  const style = chooseStyle(isatty(STDOUT_FD) ? process.stdout : {}, process.env);
  const secureMode = settings.secureMode ?? directives.secureMode ?? 0;
  const context = { texts, pri: asked.batch.pri[0]!, leftOut: `secure mode ${secureMode} allows no forwarding` };
  const deaf = message.from === 'network' && secureMode > 0;
  const formats = new FormatSet({
    keep8bit: settings.keep8bit,
    peers: { address: (peer) => asked.peers.describe(peer)?.address ?? null },
  });
  const records = {
    asked,
    formats,
    payloadBytes: payloadBytes(settings, directives),
    now: asked.now,
  };
  const given = givenOutcomes(outcomes);
  const lines = [
    ...renderMessage(message, asked),
    ...(loaded.builtIn ? [`note     ${visibleText(loaded.file)} is missing: these are the built-in rules`] : []),
    ...(deaf ? [`note     secure mode ${secureMode}: the daemon receives nothing from the network`] : []),
    '',
    ...renderRules(request.quiet ? given : outcomes, context, style),
    ...(outcomes.length === 0 || (request.quiet && given.length === 0) ? [] : ['']),
    ...renderRecords(given, records, style),
  ];
  return lines.map((line) => `${line}\n`).join('');
}
