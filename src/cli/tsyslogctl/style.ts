/**
 * Layout of output for people: the width of the terminal, colors if wanted, tables in plain ASCII.
 *
 * Colors only on a terminal, and not with NO_COLOR (no-color.org) or TERM=dumb.
 */

/** Escape sequences around a text, or nothing. Source: console_codes(4). */
export interface Paint {
  readonly good: (text: string) => string;
  readonly bad: (text: string) => string;
  readonly strong: (text: string) => string;
  readonly faint: (text: string) => string;
}

export interface Style {
  /** Characters per line; Infinity: output is not to a terminal. */
  readonly width: number;
  readonly paint: Paint;
}

const wrap =
  (code: number, on: boolean) =>
  (text: string): string =>
    on && text !== '' ? `\x1b[${code}m${text}\x1b[0m` : text;

export function createPaint(on: boolean): Paint {
  return { good: wrap(32, on), bad: wrap(31, on), strong: wrap(1, on), faint: wrap(2, on) };
}

/** What {@link chooseStyle} examines. */
export interface Terminal {
  readonly isTTY?: boolean;
  readonly columns?: number;
}

const COLUMNS_DEFAULT = 80;

export function chooseStyle(terminal: Terminal, env: Readonly<Record<string, string | undefined>>): Style {
  const isTerminal = terminal.isTTY === true;
  const plain = (env['NO_COLOR'] ?? '') !== '' || env['TERM'] === 'dumb';
  return {
    width: isTerminal ? (terminal.columns ?? COLUMNS_DEFAULT) || COLUMNS_DEFAULT : Number.POSITIVE_INFINITY,
    paint: createPaint(isTerminal && !plain),
  };
}

export interface Column {
  readonly head: string;
  readonly right: boolean;
  /** Order in which columns are dropped for lack of room, highest first; 0: stays, but may be cut short. */
  readonly rank: number;
}

export interface Row {
  readonly cells: readonly string[];
  readonly paint: ((text: string) => string) | null;
}

const GAP = '  ';
/** Cells are not cut shorter than this. */
const CELL_MIN = 12;

/** @returns the lines of a table, head first; no line is longer than `style.width` if that is possible */
export function layOutTable(columns: readonly Column[], rows: readonly Row[], style: Style): readonly string[] {
  const widths = columns.map(({ head }, i) => Math.max(head.length, ...rows.map(({ cells }) => lengthOf(cells[i]))));
  const shown = new Set(columns.keys());
  const total = (): number =>
    [...shown].reduce((sum, i) => sum + (widths[i] ?? 0), 0) + GAP.length * Math.max(0, shown.size - 1);
  shrink(columns, widths, total, style.width, CELL_MIN * 2);
  const leaving = [...columns.keys()].toSorted((a, b) => (columns[b]?.rank ?? 0) - (columns[a]?.rank ?? 0));
  for (const i of leaving) if (total() > style.width && (columns[i]?.rank ?? 0) > 0) shown.delete(i);
  shrink(columns, widths, total, style.width, CELL_MIN);
  const lay = (cells: readonly string[]): string =>
    [...shown]
      .map((i) => pad(shorten(cells[i] ?? '', widths[i] ?? 0), widths[i] ?? 0, columns[i]?.right === true))
      .join(GAP)
      .trimEnd();
  const head = style.paint.faint(lay(columns.map((column) => column.head)));
  return [head, ...rows.map(({ cells, paint }) => (paint === null ? lay(cells) : paint(lay(cells))))];
}

/** Narrows columns of rank 0, down to `least` characters. */
function shrink(columns: readonly Column[], widths: number[], total: () => number, width: number, least: number): void {
  for (const [i, { rank }] of columns.entries()) {
    const excess = total() - width;
    if (rank === 0 && excess > 0) widths[i] = Math.max(Math.min(widths[i] ?? 0, least), (widths[i] ?? 0) - excess);
  }
}

function lengthOf(text: string | undefined): number {
  return Array.from(text ?? '').length;
}

function pad(text: string, width: number, right: boolean): string {
  const blanks = ' '.repeat(Math.max(0, width - lengthOf(text)));
  return right ? blanks + text : text + blanks;
}

/** Cuts the middle out of a text that is too long: both ends of a path are informative. */
export function shorten(text: string, width: number): string {
  const chars = Array.from(text);
  if (chars.length <= width) return text;
  const mark = '...';
  const left = Math.ceil((width - mark.length) / 3);
  return `${chars.slice(0, left).join('')}${mark}${chars.slice(chars.length - (width - mark.length - left)).join('')}`;
}
