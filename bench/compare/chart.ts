/**
 * The chart: messages per second of each daemon as bars, in an SVG that follows the reader's light or dark mode.
 */
import { OURS } from './daemons.ts';
import type { Results } from './results.ts';
import { FLOODS } from './scenarios.ts';
import { median } from './statistics.ts';
import { thousands } from './table.ts';

const WIDTH = 760;
const LABEL_WIDTH = 170;
const VALUE_WIDTH = 80;
const BAR = 18;
const GAP = 6;
const TITLE = 34;
const MARGIN = 16;
const FONT = 13;

/** Text and bars stand out from the page in both modes: contrast of at least 4.5 to 1 for text. */
const STYLE = `
  text { font: ${FONT}px system-ui, sans-serif; fill: #1f2328; }
  .title { font-weight: 600; }
  .ours { fill: #0969da; }
  .peer { fill: #8c959f; }
  .limit { fill: none; stroke: #57606a; stroke-dasharray: 4 3; }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3; }
    .ours { fill: #4493f8; }
    .peer { fill: #7d8590; }
    .limit { stroke: #9198a1; }
  }
`;

interface Bar {
  readonly name: string;
  readonly kind: 'ours' | 'peer' | 'limit';
  readonly rate: number;
}

function barsOf(results: Results, scenario: string): Bar[] {
  return results.daemons.flatMap(({ name, role }): Bar[] => {
    const runs = results.floods.find((of) => of.scenario === scenario && of.daemon === name)?.runs ?? [];
    if (runs.length === 0 || role === 'other-node' || role === 'other-build') return [];
    const kind = name === OURS ? 'ours' : role === 'limit' ? 'limit' : 'peer';
    return [{ name, kind, rate: median(runs.map((run) => run.messagesPerSec)) }];
  });
}

function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
}

/** @returns the chart as an SVG document, or null if nothing was measured */
export function formatChart(results: Results): string | null {
  const groups = FLOODS.filter((scenario) => scenario.main)
    .map(({ name, title }) => ({ title, bars: barsOf(results, name) }))
    .filter(({ bars }) => bars.length > 0);
  const most = Math.max(...groups.flatMap(({ bars }) => bars.map((bar) => bar.rate)));
  if (groups.length === 0) return null;
  const scale = (WIDTH - LABEL_WIDTH - VALUE_WIDTH - 2 * MARGIN) / most;
  const parts: string[] = [];
  let top = MARGIN;
  for (const { title, bars } of groups) {
    parts.push(
      `<text class="title" x="${MARGIN}" y="${top + FONT}">${escapeXml(title)}: messages kept a second</text>`,
    );
    top += TITLE - GAP;
    for (const { name, kind, rate } of bars) {
      const width = Math.max(1, rate * scale).toFixed(1);
      const middle = top + BAR / 2 + FONT / 3;
      const left = MARGIN + LABEL_WIDTH;
      parts.push(
        `<text x="${left - 8}" y="${middle.toFixed(1)}" text-anchor="end">${escapeXml(name)}</text>`,
        `<rect class="${kind}" x="${left}" y="${top}" width="${width}" height="${BAR}" rx="2"/>`,
        `<text x="${(left + Number(width) + 6).toFixed(1)}" y="${middle.toFixed(1)}">${thousands(rate)}</text>`,
      );
      top += BAR + GAP;
    }
    top += MARGIN;
  }
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${top}" width="${WIDTH}" height="${top}" role="img" aria-label="Messages kept a second, tsyslogd beside other daemons">
<style>${STYLE}</style>
${parts.join('\n')}
</svg>
`;
}
