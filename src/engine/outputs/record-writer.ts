/**
 * HOT PATH. Writes rows to the queue of one output, in its format. Destinations of the same row share the last
 * formatted record.
 */
import type { Batch } from '../../dgram-parser/columns/batch.ts';
import { blockOf, type ByteBlock, copyWords } from '../../dgram-parser/columns/byte-block.ts';
import type { RecordFormat } from '../../format/record-format.ts';
import type { Output } from '../../output/output.ts';
import type { HostLabels } from './host-labels.ts';

/** The last formatted record, for the other destinations of the same row. */
export interface FormattedRow {
  /** Null: none yet for this row. */
  format: RecordFormat | null;
  crlf: boolean;
  block: ByteBlock;
  begin: number;
  end: number;
}

/** The block before anything is formatted: one for all, since nobody writes to it. */
const NO_BLOCK: ByteBlock = blockOf(Buffer.alloc(0));

export function createFormattedRow(): FormattedRow {
  return { format: null, crlf: false, block: NO_BLOCK, begin: 0, end: 0 };
}

export class RecordWriter {
  readonly #output: Output;
  readonly #format: RecordFormat;
  readonly #labels: HostLabels;

  constructor(output: Output, format: RecordFormat, labels: HostLabels) {
    this.#output = output;
    this.#format = format;
    this.#labels = labels;
  }

  /**
   * Writes the located row; `formatted` may already hold its record, and does so afterwards.
   *
   * @param messages how many messages the record stands for
   * @returns whether the output took it
   */
  write(batch: Batch, row: number, formatted: FormattedRow, messages: number): boolean {
    const output = this.#output;
    const { queue, crlf } = output;
    const same = formatted.format === this.#format && formatted.crlf === crlf;
    const bound = same ? formatted.end - formatted.begin : this.#format.bound(batch, row, this.#labels);
    if (!queue.reserve(bound)) {
      output.refuse(messages);
      return false;
    }
    const { chunk } = queue;
    const begin = chunk.end;
    const end = same
      ? copyWords(formatted.block.view, formatted.begin, formatted.end, chunk.view, begin)
      : this.#format.write(batch, row, this.#labels, chunk, begin, crlf);
    queue.commit(end);
    formatted.format = this.#format;
    formatted.crlf = crlf;
    formatted.block = chunk;
    formatted.begin = begin;
    formatted.end = end;
    output.counters.accepted++;
    return true;
  }
}
