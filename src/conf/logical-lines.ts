/**
 * Bytes of a file → logical lines: blanks trimmed, comments removed, continuation lines joined.
 *
 * COMPAT(sysklogd 2.7.2): a line that ends in `\` continues on the next one, whose leading blanks are dropped, so the
 * blank between selector and action must come before the backslash. Comments and blank lines between them are skipped,
 * and a block line there takes effect by itself; block lines are never continued.
 * DEVIATION(sysklogd 2.7.2): `-/file` in a continuation is the action it looks like, not a host block; lines may have
 * any length; a byte order mark at the beginning is skipped; text lost to a `\` in the last line is reported.
 */
import { isBlockMark, isLiveComment } from './statement/blocks.ts';
import { ConfigLine, findBadByte, type LinePiece, skipBlanks, trimEnd } from './config-line.ts';
import type { Problems } from './problems.ts';

export interface LogicalLine {
  readonly kind: 'block' | 'text';
  readonly line: ConfigLine;
  /** False: it contains bytes that no line may contain; its text is ignored. */
  readonly sound: boolean;
}

const BYTE_ORDER_MARK = '\xef\xbb\xbf';

/** One at a time, so that a configuration of many thousand lines is never in memory as a whole. */
export function* splitLogicalLines(file: string, bytes: Buffer, problems: Problems): Generator<LogicalLine, void> {
  let pending: LinePiece[] = [];
  const logical = (kind: LogicalLine['kind'], pieces: readonly LinePiece[]): LogicalLine => {
    const line = new ConfigLine(file, pieces);
    return { kind, line, sound: checkBytes(line, problems) };
  };
  let number = 0;
  for (const physical of bytes.toString('latin1').split('\n')) {
    number++;
    const piece = trimLine(physical, number);
    if (piece === null) continue;
    if (isBlockMark(piece.text) && !(pending.length > 0 && /^-\.{0,2}\//.test(piece.text))) {
      yield logical('block', [piece]);
    } else if (piece.text.endsWith('\\')) {
      pending.push({ ...piece, text: piece.text.slice(0, -1) });
    } else {
      yield logical('text', [...pending, piece]);
      pending = [];
    }
  }
  const lost = pending.at(-1);
  if (lost !== undefined) {
    const at = { file, line: lost.line, column: lost.column + lost.text.length };
    problems.addAt(at, '`\\` on the last line', 'a line to follow');
  }
}

/** @returns the part of a line that matters, without the `#` of a block; null: none */
function trimLine(physical: string, line: number): LinePiece | null {
  const skipped = line === 1 && physical.startsWith(BYTE_ORDER_MARK) ? BYTE_ORDER_MARK.length : 0;
  const start = skipBlanks(physical, skipped);
  const text = physical.slice(start, trimEnd(physical, start, physical.length));
  if (text === '') return null;
  if (!text.startsWith('#')) return { text, line, column: start + 1 };
  const behind = text.slice(1);
  return isLiveComment(behind) ? { text: behind, line, column: start + 2 } : null;
}

function checkBytes(line: ConfigLine, problems: Problems): boolean {
  const bad = findBadByte(line.text);
  if (bad === -1) return true;
  const what = line.text.charAt(bad) === '\0' ? 'NUL byte' : 'byte that is not valid UTF-8';
  problems.add(line, bad, what, 'UTF-8 text');
  return false;
}
