/**
 * Puts the results into the documentation: the chart, and tables between the marks `<!-- bench:NAME -->` and `<!--
 * /bench:NAME -->`. A file without the marks is left alone.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { formatChart } from './chart.ts';
import { sourcePath } from './places.ts';
import { formatDetails, formatHead, formatSoak, formatSummary } from './report.ts';
import type { Results } from './results.ts';
import { briefTable } from './summary.ts';

/** @returns the text with the part between the marks replaced, or null if there are none */
export function replaceBetween(text: string, name: string, content: string): string | null {
  const open = `<!-- bench:${name} -->`;
  const close = `<!-- /bench:${name} -->`;
  const begin = text.indexOf(open);
  const end = text.indexOf(close);
  if (begin < 0 || end < begin) return null;
  return `${text.slice(0, begin + open.length)}\n\n${content.trim()}\n\n${text.slice(end)}`;
}

/** @returns the paths of the files written */
export function publish(results: Results): string[] {
  const parts: [name: string, content: string][] =
    results.soak === null
      ? [
          ['summary', `${formatHead(results)}\n${formatSummary(results)}`],
          ['details', formatDetails(results).join('\n')],
          ['brief', `${formatHead(results)}\n${briefTable(results)}`],
        ]
      : [['soak', `${formatHead(results)}\n${formatSoak(results)}`]];
  const written: string[] = [];
  for (const path of [sourcePath('docs', 'performance.md'), sourcePath('README.md')]) {
    let text = readFileSync(path, 'utf8');
    const before = text;
    for (const [name, content] of parts) text = replaceBetween(text, name, content) ?? text;
    if (text === before) continue;
    writeFileSync(path, text);
    written.push(path);
  }
  const chart = results.soak === null ? formatChart(results) : null;
  if (chart !== null) {
    const path = sourcePath('docs', 'performance.svg');
    writeFileSync(path, chart);
    written.push(path);
  }
  return written;
}
