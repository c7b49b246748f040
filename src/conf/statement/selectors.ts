/**
 * Selectors: `facility[,facility…].[operator]priority`, joined by `;`, as in syslog.conf(5).
 *
 * Selectors change the severity masks of the facilities they name, from left to right, so that `*.info;mail.none` is
 * all of info and above but mail (COMPAT(sysklogd 2.7.2): cumulative masks). An operator only says which severities are
 * meant; p is the number of the severity, 0 the most severe:
 *
 *   | form                | severities meant   |   | form              | severities meant |
 *   |---------------------|--------------------|---|-------------------|------------------|
 *   | `p` `>=p` `=>p`     | 0 to p             |   | `*`               | all              |
 *   | `=p`                | p                  |   | `none`            | all, cleared     |
 *   | `>p`                | 0 to p-1           |   | `<>p`             | all but p        |
 *   | `<=p` `=<p`         | p to 7             |   | `<=>p`            | all              |
 *   | `<p`                | p+1 to 7           |   |                   |                  |
 *
 * Without `!` the severities meant are set, with `!` they are cleared: `!p` clears 0 to p, `!=p` clears p, `!<p` clears
 * p+1 to 7, `!*` clears all, `!none` sets all. `>` is "more severe", as in FreeBSD; but `!err` alone, which in FreeBSD
 * selects what is less severe than err, here removes from what was selected before. An operator before `*` or `none` is
 * meaningless and an error; only `=none` is read as `none`.
 *
 * Facilities by number are shifted as in syslog(3), so `8` is user and `24` daemon: what sysklogd and the BSD daemons
 * expect. They round other numbers down (`1` to kern); here those are errors. Priorities are 0 to 7. `*` stands for
 * every facility, `mark` included.
 */
import {
  FACILITY,
  FACILITY_ALIASES,
  FACILITY_COUNT,
  FACILITY_NAMES,
  SEVERITY,
  SEVERITY_ALIASES,
  SEVERITY_COUNT,
} from '../../protocol/priority.ts';
import type { ConfigLine, Word } from '../config-line.ts';
import { splitWords } from '../config-line.ts';
import { type Problems, quoteWord } from '../problems.ts';
import { withSuggestion } from '../words/suggest.ts';

const ALL_SEVERITIES = 0xff;
const FACILITY_NUMBERS: ReadonlyMap<string, number> = new Map([
  ...Object.entries(FACILITY),
  ...Object.entries(FACILITY_ALIASES),
]);
const SEVERITY_NUMBERS: ReadonlyMap<string, number> = new Map([
  ...Object.entries(SEVERITY),
  ...Object.entries(SEVERITY_ALIASES),
]);
const PRIORITY_WORDS: readonly string[] = [...SEVERITY_NUMBERS.keys(), 'none'];
const PRIORITY_FORM = 'a priority such as `err`, `none` or `*`';
const FACILITY_FORM = 'a facility such as `mail`, or `*`';

/** The effect of a priority with its operator: which bits, and whether to set or clear them. */
interface MaskChange {
  readonly bits: number;
  readonly clear: boolean;
}

/**
 * Reads the selector field, `line.text` from 0 to `end`.
 *
 * @returns severity bits by facility ({@link FACILITY_COUNT}); null with problems added
 */
export function parseSelectors(line: ConfigLine, end: number, problems: Problems): Uint8Array | null {
  const masks = new Uint8Array(FACILITY_COUNT);
  // Extra separators are skipped, as in all BSD daemons.
  const selectors = splitSelectors(line, end).filter((selector) => /[^,]/.test(selector.text));
  let sound = selectors.length > 0;
  if (!sound) problems.add(line, 0, 'no selector', '`facility.priority`');
  for (const selector of selectors) sound = applySelector(line, selector, masks, problems) && sound;
  return sound ? masks : null;
}

/** Splits at `;`, and at a comma after a priority: `a.p,b.q` is `a.p;b.q` in all BSD daemons. */
export function splitSelectors(line: ConfigLine, end: number): readonly Word[] {
  const selectors: Word[] = [];
  for (const word of splitWords(line.text, 0, end, ';')) {
    let from = 0;
    let dot = word.text.indexOf('.');
    for (let comma = word.text.indexOf(',', dot); dot !== -1 && comma !== -1; comma = word.text.indexOf(',', dot)) {
      selectors.push({ text: word.text.slice(from, comma), off: word.off + from });
      from = comma + 1;
      dot = word.text.indexOf('.', from);
      if (dot === -1) break;
    }
    selectors.push({ text: word.text.slice(from), off: word.off + from });
  }
  return selectors;
}

function applySelector(line: ConfigLine, selector: Word, masks: Uint8Array, problems: Problems): boolean {
  const dot = selector.text.indexOf('.');
  if (dot === -1) {
    problems.add(line, selector.off, `no priority after ${quoteWord(selector.text)}`, '`facility.priority`');
    return false;
  }
  const facilities = parseFacilities(line, { text: selector.text.slice(0, dot), off: selector.off }, problems);
  const change = parsePriority(line, { text: selector.text.slice(dot + 1), off: selector.off + dot + 1 }, problems);
  if (facilities === null || change === null) return false;
  for (const facility of facilities) {
    const mask = masks[facility] ?? 0;
    masks[facility] = change.clear ? mask & ~change.bits : mask | change.bits;
  }
  return true;
}

/** @returns the numbers of all facilities named */
function parseFacilities(line: ConfigLine, list: Word, problems: Problems): readonly number[] | null {
  const facilities: number[] = [];
  let sound = true;
  for (const word of splitWords(line.text, list.off, list.off + list.text.length, ',')) {
    if (word.text === '*') {
      for (let facility = 0; facility < FACILITY_COUNT; facility++) facilities.push(facility);
      continue;
    }
    const facility = /^[0-9]+$/.test(word.text)
      ? facilityOfNumber(line, word, problems)
      : facilityOfName(line, word, problems);
    if (facility === null) sound = false;
    else facilities.push(facility);
  }
  return sound ? facilities : null;
}

function facilityOfName(line: ConfigLine, word: Word, problems: Problems): number | null {
  const facility = FACILITY_NUMBERS.get(word.text.toLowerCase());
  if (facility !== undefined) return facility;
  const what = word.text === '' ? 'no facility' : `unknown facility ${quoteWord(word.text)}`;
  problems.add(line, word.off, what, withSuggestion(FACILITY_FORM, word.text, FACILITY_NUMBERS.keys()));
  return null;
}

function facilityOfNumber(line: ConfigLine, word: Word, problems: Problems): number | null {
  const number = Number(word.text);
  if (number % SEVERITY_COUNT === 0 && number / SEVERITY_COUNT < FACILITY_COUNT) return number / SEVERITY_COUNT;
  const name = FACILITY_NAMES[number];
  const hint = name === undefined ? '' : `: did you mean \`${number * SEVERITY_COUNT}\` (${name})?`;
  const expected = `a name, or a multiple of 8 up to ${(FACILITY_COUNT - 1) * SEVERITY_COUNT}${hint}`;
  problems.add(line, word.off, `bad facility number ${quoteWord(word.text)}`, expected);
  return null;
}

function parsePriority(line: ConfigLine, word: Word, problems: Problems): MaskChange | null {
  const parts = /^(!?)([<=>]*)(.*)$/.exec(word.text);
  const clear = parts?.[1] === '!';
  const operator = parts?.[2] ?? '';
  const name = (parts?.[3] ?? '').toLowerCase();
  if (name === '*' && operator === '') return { bits: ALL_SEVERITIES, clear };
  if (name === 'none' && (operator === '' || operator === '=')) return { bits: ALL_SEVERITIES, clear: !clear };
  const at = word.off + word.text.length - name.length;
  if (name === '*' || name === 'none') {
    problems.add(line, word.off, `${quoteWord(word.text)} has no priority to compare with`, 'a priority such as `err`');
    return null;
  }
  const severity = /^[0-7]$/.test(name) ? Number(name) : SEVERITY_NUMBERS.get(name);
  if (severity !== undefined) return { bits: severityBits(operator, severity), clear };
  const what = name === '' ? 'no priority' : `unknown priority ${quoteWord(word.text.slice(at - word.off))}`;
  problems.add(line, at, what, withSuggestion(PRIORITY_FORM, name, PRIORITY_WORDS));
  return null;
}

/** @param operator a run of `<`, `=`, `>`; empty: `>=` */
function severityBits(operator: string, severity: number): number {
  const same = 1 << severity;
  const more = same - 1;
  if (operator === '') return same | more;
  const less = ALL_SEVERITIES & ~(same | more);
  return (
    (operator.includes('=') ? same : 0) | (operator.includes('>') ? more : 0) | (operator.includes('<') ? less : 0)
  );
}
