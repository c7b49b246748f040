/**
 * Markdown tables that read well as plain text.
 */

/** @returns the table, each line ended; the first column is aligned to the left, the others to the right */
export function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = header.map((title, i) => Math.max(title.length, ...rows.map((row) => row[i]?.length ?? 0)));
  const line = (cells: readonly string[]): string => {
    const padded = widths.map((width, i) =>
      i === 0 ? (cells[i] ?? '').padEnd(width) : (cells[i] ?? '').padStart(width),
    );
    return `| ${padded.join(' | ')} |\n`;
  };
  const rule = `|${widths.map((width, i) => (i === 0 ? '-'.repeat(width + 2) : `${'-'.repeat(width + 1)}:`)).join('|')}|\n`;
  return line(header) + rule + rows.map(line).join('');
}

export function thousands(value: number): string {
  return Math.round(value).toLocaleString('en-US');
}

/** @returns a number with about three significant digits */
export function short(value: number): string {
  if (!Number.isFinite(value)) return '–';
  if (value >= 100) return thousands(value);
  return value.toFixed(value >= 10 ? 1 : 2);
}
