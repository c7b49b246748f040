/**
 * Parsing alone: tsyslogd/dgram-parser and the parsers available for Node.js today, each in its own process, on the
 * same datagrams.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createPayload, formatStamp, KINDS } from '../load/payload.ts';
import { DEFAULT_BYTES } from '../load/sender.ts';
import { run } from './command.ts';
import { fetchNodePackages } from './peers.ts';
import { outPath } from './places.ts';

export interface ParserRuns {
  readonly name: string;
  /** Nanoseconds per datagram, one number per round. */
  readonly nanos: number[];
}

export const OWN_COLUMNS = 'tsyslogd/dgram-parser, columns';
export const OWN_OBJECTS = 'tsyslogd/dgram-parser, objects';
const PACKAGES = ['glossy', 'nsyslog-parser'] as const;
const DATAGRAMS = 512;
const ROUNDS_PER_PROCESS = 5;

/** The datagrams of the UDP load, with stamps a second apart, and as many of RFC 5424. */
function makeDatagrams(): string[] {
  const start = Date.now() - DATAGRAMS * 1000;
  return Array.from({ length: DATAGRAMS }, (_, i) => {
    const date = new Date(start + i * 1000);
    const kind = KINDS[i % KINDS.length];
    if (kind === undefined) return '';
    if (i % 2 === 1) {
      const pri = kind.facility * 8 + kind.severity;
      return `<${pri}>1 ${date.toISOString()} web01 ${kind.program} ${kind.pid} ID${i} [a@1 x="${i}"] connection accepted #${i}`;
    }
    const { bytes, stampOff } = createPayload(kind, DEFAULT_BYTES, true);
    bytes.write(formatStamp(date), stampOff, 'latin1');
    return bytes.toString('latin1');
  });
}

function numbersIn(stdout: string): number[] {
  const parsed: unknown = JSON.parse(stdout);
  const nanos: unknown = typeof parsed === 'object' && parsed !== null ? Reflect.get(parsed, 'nanos') : [];
  return Array.isArray(nanos) ? nanos.map(Number) : [];
}

/** @param failed called with what does not run */
export async function measureParsers(rounds: number, failed: (text: string) => void): Promise<ParserRuns[]> {
  const dir = mkdtempSync(join(tmpdir(), 'tsyslogd-bench-'));
  const file = join(dir, 'datagrams.json');
  writeFileSync(file, JSON.stringify(makeDatagrams()));
  const own = (form: string): string[] => [outPath('bench', 'compare', 'own-parser.js'), form, file];
  const programs: [name: string, args: string[]][] = [
    [OWN_COLUMNS, own('columns')],
    [OWN_OBJECTS, own('objects')],
  ];
  const packages = await fetchNodePackages();
  if ('reason' in packages) failed(`packages for Node.js: ${packages.reason}`);
  else {
    const program = outPath('bench', 'node-packages', 'parser.js');
    for (const name of PACKAGES) programs.push([name, [program, packages.folder, name, file]]);
  }
  const results = programs.map(([name]): ParserRuns => ({ name, nanos: [] }));
  for (let round = 0; round < rounds; round++) {
    for (const [name, args] of programs) {
      const { ok, stdout, stderr } = await run(process.execPath, [...args, String(ROUNDS_PER_PROCESS)]);
      if (ok) results.find((one) => one.name === name)?.nanos.push(...numbersIn(stdout));
      else failed(`parsing, ${name}: ${stderr.trim().split('\n').at(-1)}`);
    }
  }
  rmSync(dir, { recursive: true, force: true });
  return results.filter(({ nanos }) => nanos.length > 0);
}
