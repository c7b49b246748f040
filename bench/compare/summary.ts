/**
 * The one table that people read: each line a question, with the medians that answer it, how tsyslogd compares, and the
 * target, if there is one, met or missed.
 */
import { OURS } from './daemons.ts';
import { INETUTILS, LIMIT, RSYSLOG } from './peer-names.ts';
import { summaryLines } from './questions.ts';
import type { Results } from './results.ts';
import { isMet, type Line, ratioOf, type Target } from './summary-line.ts';
import { short, table } from './table.ts';

/** The columns; others have separate lines. */
const COLUMNS = [OURS, RSYSLOG, INETUTILS, LIMIT] as const;

function targetText({ of, rule, limit }: Target): string {
  return `${rule} ${limit}${of === 'ratio' ? ' ×' : ''}`;
}

/** Lines for a reader in a hurry. */
function isMain({ what, against }: Line): boolean {
  return (
    /^(?:Log socket, (?:one file|Debian's twelve rules)|UDP on loopback, one file): kept/.test(what) ||
    /^(?:1,000\/s|Lone message|Memory|Start|… of all that was sent)/.test(what) ||
    (against !== null && /^UDP, beside the package/.test(what))
  );
}

/** @returns the few most important lines of the summary */
export function briefTable(results: Results): string {
  return formatLines(summaryLines(results).filter(isMain));
}

/** @returns the table, each line ended */
export function summaryTable(results: Results): string {
  return formatLines(summaryLines(results));
}

function formatLines(lines: readonly Line[]): string {
  const rows = lines.map((line) => {
    const ratio = ratioOf(line);
    const isColumn = line.against === null || COLUMNS.some((name) => name === line.against);
    const other = line.against === null || isColumn ? undefined : line.values.get(line.against);
    const cells = COLUMNS.map((name) => {
      const value = line.values.get(name);
      return value === undefined ? '' : short(value);
    });
    if (other !== undefined) cells[1] = `(${short(other)})`;
    const met = isMet(line);
    return [
      line.what,
      ...cells,
      ratio === null ? '' : `${ratio.toFixed(2)} ×`,
      line.target === null ? '' : targetText(line.target),
      met === null ? '' : met ? 'met' : '**missed**',
    ];
  });
  return table(['', ...COLUMNS, 'ratio', 'target', ''], rows);
}
