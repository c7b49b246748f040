/**
 * A slow and simple interpreter of configurations: it reads the text again for every message and does what the manual
 * says, line by line. It shares no code with the parser or the compiled table.
 *
 * Understands what the tests write: one action word per rule, one blank between the fields, no continuation.
 */

export interface NaiveMessage {
  readonly facility: number;
  readonly severity: number;
  /** Empty: none. */
  readonly tag: string;
  readonly host: string;
  readonly text: string;
  readonly msgId: string;
  readonly sd: string;
}

const FACILITIES =
  'kern user mail daemon auth syslog lpr news uucp cron authpriv ftp ntp audit console cron2 local0 local1 local2 local3 local4 local5 local6 local7 mark'.split(
    ' ',
  );
const SEVERITIES = 'emerg alert crit err warning notice info debug'.split(' ');
const ALIASES: Readonly<Record<string, string>> = {
  security: 'audit',
  cron_sol: 'cron2',
  panic: 'emerg',
  error: 'err',
  warn: 'warning',
};

function isNamed(word: string, names: readonly string[], number: number, step: number): boolean {
  const name = ALIASES[word.toLowerCase()] ?? word.toLowerCase();
  return word === '*' || name === names[number] || word === String(number * step);
}

/** Whether a priority with its operator includes a severity. */
function isMeant(priority: string, severity: number): boolean {
  const name = priority.replace(/^[<=>]*/, '');
  const operator = priority.slice(0, priority.length - name.length) || '>=';
  const named = SEVERITIES.findIndex((_, number) => isNamed(name, SEVERITIES, number, 1));
  return (
    (operator.includes('=') && severity === named) ||
    (operator.includes('>') && severity < named) ||
    (operator.includes('<') && severity > named)
  );
}

/** Whether a selector field selects a facility and severity. */
export function naiveSelects(field: string, facility: number, severity: number): boolean {
  let selected = false;
  for (const selector of field.split(';')) {
    const [facilities = '', priority = ''] = selector.split('.');
    if (!facilities.split(',').some((word) => isNamed(word, FACILITIES, facility, 8))) continue;
    const takesAway = priority.startsWith('!');
    const bare = takesAway ? priority.slice(1) : priority;
    if (bare === 'none') selected = takesAway;
    else if (bare === '*' || isMeant(bare, severity)) selected = !takesAway;
  }
  return selected;
}

function valueOf(property: string, message: NaiveMessage): string | null {
  switch (property) {
    case 'msg':
      return message.text;
    case 'programname':
      return message.tag || null;
    case 'hostname':
      return message.host || null;
    case 'msgid':
      return message.msgId || null;
    default:
      return message.sd || null;
  }
}

/** `:property, [!][icase_]operator, "value"` without quoting; patterns must be the same in JavaScript. */
function passesProperty(line: string, message: NaiveMessage): boolean {
  const parts = /^:(\w+), (!?)(icase_)?(\w+), "(.*)"$/.exec(line);
  const value = valueOf(parts?.[1] ?? '', message);
  if (parts === null || value === null) return false;
  const fold = (text: string): string => (parts[3] === undefined ? text : text.toLowerCase());
  const wanted = fold(parts[5] ?? '');
  const given = fold(value);
  const found = {
    contains: given.includes(wanted),
    isequal: given === wanted,
    startswith: given.startsWith(wanted),
    regex: new RegExp(wanted).test(given),
    ereregex: new RegExp(wanted).test(given),
  }[parts[4] ?? ''];
  return found === (parts[2] === '');
}

/** Whether the name is in a list, as a whole. */
function passesList(list: string, name: string, same: (a: string, b: string) => boolean): boolean {
  const exclude = list.startsWith('-');
  const names = list.replace(/^[+-]/, '').split(',');
  return names.some((listed) => same(listed, name)) !== exclude;
}

const sameProgram = (a: string, b: string): boolean => a === b;

/** @param own this host's own name. @returns the actions that get the message, each once, in order */
export function naiveRoute(text: string, message: NaiveMessage, own: string): readonly string[] {
  const actions: string[] = [];
  let program = '*';
  let host = '*';
  let property = '*';
  const sameHost = (listed: string, name: string): boolean =>
    (listed === '@' ? own : listed).toLowerCase() === name.toLowerCase();
  for (const line of text.split('\n')) {
    if (line === '') continue;
    const mark = line.charAt(0);
    if (mark === '!') program = line.slice(1);
    else if (mark === '+' || mark === '-') host = line;
    else if (mark === ':') property = line === ':*' ? '*' : line;
    else {
      const [field = '', action = ''] = line.split(' ');
      const programList = program.replace(/^!/, '');
      const hostList = host.replace(/^\+\+/, '+');
      if (!naiveSelects(field, message.facility, message.severity)) continue;
      if (programList !== '*' && !passesList(programList, message.tag, sameProgram)) continue;
      if (host !== '*' && host !== '+*' && host !== '-*' && !passesList(hostList, message.host, sameHost)) continue;
      if (property !== '*' && !passesProperty(property, message)) continue;
      if (!actions.includes(action)) actions.push(action);
      if (program.startsWith('!') || host.startsWith('++')) break;
    }
  }
  return actions;
}
