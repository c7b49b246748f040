/**
 * Why a selector field selects a priority, or does not: which of its selectors decided.
 *
 * Selectors accumulate from left to right, syslog.conf(5): the last one that changed anything for the priority decides.
 * The parser itself says what a selector does: it parses the field up to it.
 */
import { ConfigLine, toUtf8 } from '../../conf/config-line.ts';
import { Problems } from '../../conf/problems.ts';
import { parseSelectors, splitSelectors } from '../../conf/statement/selectors.ts';
import { FACILITY_NAMES, SEVERITY_COUNT, SEVERITY_NAMES } from '../../protocol/priority.ts';

const ALL_SEVERITIES = 0xff;

/** Whether a priority is selected; `why` names the selector that decided, e.g. "`mail.none` excludes all of mail". */
export interface SelectorDecision {
  readonly selected: boolean;
  readonly why: string;
}

/** One selector, and what it does to the severities of one facility. */
interface Step {
  readonly text: string;
  /** Severities selected after it is applied. */
  readonly after: number;
  /** Severities that it sets, and clears, whatever was selected before. */
  readonly sets: number;
  readonly clears: number;
}

/**
 * @param end end of the field in `line.text`
 * @param pri facility × 8 + severity, `mark` included
 */
export function explainSelectors(line: ConfigLine, end: number, pri: number): SelectorDecision {
  const facility = Math.floor(pri / SEVERITY_COUNT);
  const bit = 1 << (pri % SEVERITY_COUNT);
  const steps = stepsOf(line, end, facility);
  let decided: Step | null = null;
  let before = 0;
  for (const step of steps) {
    if ((step.after & bit) !== (before & bit)) decided = step;
    before = step.after;
  }
  if (decided === null) return { selected: false, why: whyNever(steps, facility) };
  const selected = (decided.after & bit) !== 0;
  const what = selected ? decided.sets : decided.clears;
  return {
    selected,
    why: `\`${decided.text}\` ${selected ? 'selects' : 'excludes'} ${nameSeverities(what, facility)}`,
  };
}

/** No selector ever selected the priority. */
function whyNever(steps: readonly Step[], facility: number): string {
  const name = FACILITY_NAMES[facility] ?? String(facility);
  const named = steps.filter((step) => step.sets !== 0 || step.clears !== 0);
  const left = steps.at(-1)?.after ?? 0;
  const last = named.at(-1);
  if (last === undefined) return `no selector for ${name}`;
  const what = left === 0 ? `nothing of ${name}` : `${nameSeverities(left, facility)} only`;
  return named.length === 1 ? `\`${last.text}\` selects ${what}` : `selects ${what}`;
}

function stepsOf(line: ConfigLine, end: number, facility: number): readonly Step[] {
  const words = splitSelectors(line, end).filter((word) => /[^,]/.test(word.text));
  return words.map(({ text, off }) => {
    const cleared = masksOf(line.file, `*.*;${text}`)[facility] ?? 0;
    return {
      text: toUtf8(text),
      after: masksOf(line.file, line.text.slice(0, off + text.length))[facility] ?? 0,
      sets: masksOf(line.file, text)[facility] ?? 0,
      clears: ALL_SEVERITIES & ~cleared,
    };
  });
}

/** Severity bits by facility; the text is part of a field that was parsed without errors. */
function masksOf(file: string, text: string): Uint8Array {
  const line = new ConfigLine(file, [{ text, line: 1, column: 1 }]);
  return parseSelectors(line, text.length, new Problems()) ?? new Uint8Array(0);
}

/** @param bits severities, at least one. @returns e.g. `err and above`, `all but debug`, `all of mail` */
export function nameSeverities(bits: number, facility: number): string {
  if (bits === ALL_SEVERITIES) return `all of ${FACILITY_NAMES[facility] ?? facility}`;
  const names = SEVERITY_NAMES.filter((_, severity) => (bits & (1 << severity)) !== 0);
  const others = SEVERITY_NAMES.filter((_, severity) => (bits & (1 << severity)) === 0);
  const [first = ''] = names;
  const last = names.at(-1) ?? '';
  if (names.length === 1) return first;
  if (bits === (1 << names.length) - 1) return `${last} and above`;
  if (others.length === 1) return `all but ${others[0] ?? ''}`;
  if (bits === (ALL_SEVERITIES & ~((1 << others.length) - 1))) return `${first} and below`;
  return names.join(', ');
}
