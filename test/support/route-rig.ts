/**
 * Puts messages into a batch by hand and asks a compiled table for their destinations.
 */
import type { Rule } from '../../src/conf/config.ts';
import { appendRow, Batch, ORIGIN, slotOff } from '../../src/dgram-parser/columns/batch.ts';
import { compileRoutes } from '../../src/route/compile.ts';
import { match } from '../../src/route/match.ts';
import type { HostLabels } from '../../src/route/property.ts';
import type { RouteTable } from '../../src/route/route-table.ts';
import { describeAction, parseText, problemsOf } from './conf-source.ts';
import type { NaiveMessage } from './route-naive.ts';

/** The name that `@` stands for. */
export const OWN_HOST = 'own';

/** Labels by row, in a separate block after some noise. */
export class LabelList implements HostLabels {
  readonly bytes = Buffer.alloc(65_536, 'x');
  off = 0;
  len = 0;
  readonly #labels: (readonly [off: number, len: number])[] = [];
  #end = 3;

  set(row: number, label: string): void {
    const len = this.bytes.write(label, this.#end);
    this.#labels[row] = [this.#end, len];
    this.#end += len;
  }

  clear(): void {
    this.#labels.length = 0;
    this.#end = 3;
  }

  locate(_batch: Batch, row: number): void {
    const label = this.#labels[row];
    this.off = label?.[0] ?? 0;
    this.len = label?.[1] ?? 0;
  }
}

/** Writes a message as the parser leaves it: sd, msgid, tag and text in a row. */
export function putMessage(batch: Batch, labels: LabelList, message: NaiveMessage): number {
  const parts = [message.sd, message.msgId, message.tag, message.text].map((part) => Buffer.from(part));
  const row = appendRow(batch, Buffer.concat(parts), ORIGIN.local);
  if (row === -1) throw new Error('batch is full');
  const places: number[] = [];
  let off = slotOff(batch, row);
  for (const part of parts) {
    places.push(off);
    off += part.length;
  }
  const [sd = 0, msgId = 0, tag = 0, text = 0] = places;
  batch.pri[row] = message.facility * 8 + message.severity;
  batch.sdOff[row] = sd;
  batch.sdLen[row] = msgId - sd;
  batch.msgIdOff[row] = msgId;
  batch.msgIdLen[row] = tag - msgId;
  batch.tagOff[row] = tag;
  batch.tagLen[row] = text - tag;
  batch.bodyOff[row] = tag;
  batch.textOff[row] = text;
  batch.endOff[row] = off;
  labels.set(row, message.host);
  return row;
}

/** Destinations by number, rules with the same action sharing one. */
export function numberActions(rules: readonly Rule[]): {
  readonly names: readonly string[];
  readonly of: (ruleIdx: number) => number;
} {
  const names = [...new Set(rules.map((rule) => describeAction(rule.action)))];
  const numbers = rules.map((rule) => names.indexOf(describeAction(rule.action)));
  return { names, of: (ruleIdx) => numbers[ruleIdx] ?? 0 };
}

/** A compiled configuration, to be asked about messages. */
export class RouteRig {
  readonly table: RouteTable;
  readonly #names: readonly string[];
  readonly #batch = new Batch(1, 8192);
  readonly #labels = new LabelList();
  readonly #out: Int32Array;

  constructor(text: string) {
    const parsed = parseText(text);
    if (parsed.problems.length > 0) throw new Error(problemsOf(parsed).join('\n'));
    const { rules } = parsed.configuration;
    const actions = numberActions(rules);
    this.#names = actions.names;
    this.table = compileRoutes(rules, actions.of, [OWN_HOST]);
    this.#out = new Int32Array(this.table.outMax);
  }

  route(message: NaiveMessage): readonly string[] {
    this.#batch.count = 0;
    this.#labels.clear();
    const row = putMessage(this.#batch, this.#labels, message);
    const count = match(this.table, this.#batch, row, this.#labels, this.#out);
    return Array.from(this.#out.subarray(0, count), (destination) => this.#names[destination] ?? '?');
  }
}
