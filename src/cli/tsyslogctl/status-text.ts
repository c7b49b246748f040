/**
 * The state of the daemon for people: what is wrong on top, then tables. Pure; fits the given width.
 */
import { readMachineZone } from '../../engine/settings/machine-zone.ts';
import { wallDate } from '../../protocol/calendar.ts';
import type { InputStatus, OutputStatus } from '../../engine/statistics/document.ts';
import type { ShownStatus } from './status-document.ts';
import { type Column, layOutTable, type Paint, type Row, type Style } from './style.ts';

/** States of inputs and outputs that need no attention. */
const SOUND_STATES: readonly string[] = ['opening', 'open', 'draining'];

/**
 * What is wrong stands out even without colors: in a line on top, and by its state in capitals. @returns lines, each
 * ended
 */
export function renderStatus(status: ShownStatus, style: Style): string {
  const { paint } = style;
  const wrong = whatIsWrong(status);
  const lines = [
    ...fold(headLine(status), style.width),
    ...(wrong.length === 0 ? [] : fold(wrong.join(', '), style.width).map((line) => paint.bad(line))),
    '',
    ...summary(status).flatMap((line) => fold(line, style.width)),
    '',
    ...layOutTable(
      INPUT_COLUMNS,
      status.inputs.map((input) => inputRow(input, paint)),
      style,
    ),
    '',
    ...layOutTable(
      OUTPUT_COLUMNS,
      status.outputs.map((output) => outputRow(output, paint)),
      style,
    ),
  ];
  return lines.map((line) => `${line}\n`).join('');
}

function headLine({ version, state, pid, uptimeSec, startedAt }: ShownStatus): string {
  return `tsyslogd ${version} is ${state}, pid ${pid}, for ${formatDuration(uptimeSec)}, since ${formatTime(startedAt)}`;
}

/** @returns one phrase for each kind of trouble; none if all is well */
export function whatIsWrong({ state, inputs, outputs, totals }: ShownStatus): readonly string[] {
  const failing = (kind: string, list: readonly { readonly state: string }[]): string[] => {
    const { length } = list.filter((entry) => !SOUND_STATES.includes(entry.state));
    return length === 0 ? [] : [`${length} ${kind}${length === 1 ? ' is' : 's are'} failing`];
  };
  return [
    ...(state === 'running' ? [] : [`the daemon is ${state}`]),
    // A closed input is one that this machine does not have, such as the kernel log in a container.
    ...failing(
      'input',
      inputs.filter((input) => input.state !== 'closed'),
    ),
    ...failing('output', outputs),
    ...(totals.dropped === 0 ? [] : [`${count(totals.dropped, 'message')} dropped`]),
  ];
}

function summary({ configuration, totals, receiver, rssBytes }: ShownStatus): readonly string[] {
  const { file, number, loadedAt, rules } = configuration;
  return [
    `configuration  ${file}, number ${number}, ${count(rules, 'rule')}, loaded ${formatTime(loadedAt)}`,
    `messages       ${group(totals.received)} received, ${formatRate(totals.perSecond)}, ${group(totals.dropped)} dropped, ` +
      `${group(totals.unrouted)} unrouted, ${group(totals.parseFailures)} malformed, ${group(totals.cut)} cut`,
    `process        receiver ${receiver}, ${formatBytes(rssBytes)} of memory`,
  ];
}

/** Breaks a line after commas and indents the rest. */
function fold(line: string, width: number): readonly string[] {
  if (line.length <= width) return [line];
  const at = line.lastIndexOf(', ', width - 1);
  if (at <= INDENT.length) return [line];
  return [line.slice(0, at + 1), ...fold(INDENT + line.slice(at + 2), width)];
}

const INDENT = ' '.repeat(15);

const left = (head: string, rank: number): Column => ({ head, right: false, rank });
const right = (head: string, rank: number): Column => ({ head, right: true, rank });

const INPUT_COLUMNS: readonly Column[] = [
  left('INPUT', 0),
  left('KIND', 7),
  left('STATE', 1),
  right('RECEIVED', 2),
  right('RATE', 4),
  right('DROPPED', 3),
  right('REFUSED', 6),
  right('CUT', 5),
];

const OUTPUT_COLUMNS: readonly Column[] = [
  left('OUTPUT', 0),
  left('KIND', 7),
  left('STATE', 1),
  right('WRITTEN', 2),
  right('RATE', 4),
  right('DROPPED', 3),
  right('QUEUED', 5),
  right('FAILURES', 6),
];

function inputRow(input: InputStatus, paint: Paint): Row {
  const { name, kind, state, received, perSecond, dropped, refused, cut } = input;
  const wrong = !SOUND_STATES.includes(state) && state !== 'closed';
  const shown = wrong ? state.toUpperCase() : state;
  const cells = [name, kind, shown, group(received), formatRate(perSecond), group(dropped), group(refused), group(cut)];
  return { cells, paint: wrong || dropped > 0 ? paint.bad : null };
}

function outputRow(output: OutputStatus, paint: Paint): Row {
  const { name, kind, state, written, perSecond, dropped, queuedBytes, failures } = output;
  const wrong = !SOUND_STATES.includes(state);
  const cells = [
    name,
    kind,
    wrong ? state.toUpperCase() : state,
    group(written),
    formatRate(perSecond),
    group(dropped),
    queuedBytes === 0 ? '0' : formatBytes(queuedBytes),
    group(failures),
  ];
  return { cells, paint: wrong || dropped > 0 ? paint.bad : null };
}

/** `1 rule`, `2 rules` */
function count(value: number, what: string): string {
  return `${group(value)} ${what}${value === 1 ? '' : 's'}`;
}

/** `1,234,567` */
export function group(value: number): string {
  return String(Math.round(value)).replaceAll(/\B(?=(?:\d{3})+$)/g, ',');
}

/** `0/s`, `3.5/s`, `12,000/s` */
export function formatRate(perSecond: number): string {
  const shown = perSecond === 0 || perSecond >= 100 ? group(perSecond) : perSecond.toFixed(1);
  return `${shown === '0.0' ? '<0.1' : shown}/s`;
}

const UNITS: readonly string[] = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];

/** `512 B`, `1.5 KiB`, `52 MiB` */
export function formatBytes(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < UNITS.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${unit === 0 || value >= 10 ? Math.round(value) : value.toFixed(1)} ${UNITS[unit] ?? ''}`;
}

/** The two largest units: `5 s`, `3 min 20 s`, `2 h 5 min`, `12 d 3 h` */
export function formatDuration(seconds: number): string {
  const parts = [
    [Math.floor(seconds / 86_400), 'd'],
    [Math.floor(seconds / 3600) % 24, 'h'],
    [Math.floor(seconds / 60) % 60, 'min'],
    [Math.floor(seconds) % 60, 's'],
  ] as const;
  const first = parts.findIndex(([value]) => value > 0);
  if (first === -1) return '0 s';
  return parts
    .slice(first, first + 2)
    .filter(([value]) => value > 0)
    .map(([value, unit]) => `${value} ${unit}`)
    .join(' ');
}

/** ISO 8601 as local time, `2026-11-21 04:40:59`; anything that is not a time is returned as it is. */
export function formatTime(iso: string): string {
  const at = new Date(iso);
  if (Number.isNaN(at.getTime())) return iso === '' ? 'an unknown time' : iso;
  return wallDate(readMachineZone(), at.getTime()).toISOString().slice(0, 19).replace('T', ' ');
}
