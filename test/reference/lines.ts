/**
 * The reference for lines: what src/format and src/dgram-parser/sanitize make of a row, by string operations.
 */
import type { ReferenceRow } from './parser.ts';
import { UTF8_TEXT } from './words.ts';

/** `vis(1)`: what is no safe character becomes `^X`, `M-x` or `M-^X`. Strings hold one byte a character. */
export function safe(bytes: string, keep8bit: boolean): string {
  let out = '';
  for (let i = 0; i < bytes.length; ) {
    UTF8_TEXT.lastIndex = i;
    const kept = keep8bit ? /[\x80-\xff]/.exec(bytes[i] ?? '') : UTF8_TEXT.exec(bytes);
    out += kept?.[0] ?? visible(bytes.charCodeAt(i));
    i += kept?.[0].length ?? 1;
  }
  return out;
}

function visible(code: number): string {
  if (code >= 0x80) return `M-${code === 0x89 || code === 0x8a ? caret(code - 0x80) : visible(code - 0x80)}`;
  if (code === 0x0a) return ' ';
  return code === 0x09 || (code >= 0x20 && code < 0x7f) ? String.fromCharCode(code) : caret(code);
}

function caret(code: number): string {
  return `^${String.fromCharCode(code ^ 0x40)}`;
}

function wall(row: ReferenceRow): Date {
  return new Date((row.sec + row.offsetMin * 60) * 1000);
}

/** `yyyy-mm-ddThh:mm:ss.uuuuuu+hh:mm` */
export function isoStamp(row: ReferenceRow): string {
  const minutes = Math.abs(row.offsetMin);
  const two = (value: number): string => String(value).padStart(2, '0');
  const zone = `${row.offsetMin < 0 ? '-' : '+'}${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
  return `${wall(row).toISOString().slice(0, 19)}.${String(row.usec).padStart(6, '0')}${zone}`;
}

function bsdStamp(row: ReferenceRow): string {
  const date = wall(row);
  const month = 'JanFebMarAprMayJunJulAugSepOctNovDec'.slice(date.getUTCMonth() * 3, date.getUTCMonth() * 3 + 3);
  return `${month} ${String(date.getUTCDate()).padStart(2)} ${date.toISOString().slice(11, 19)}`;
}

/** The body as a traditional line shows it. */
function bodyOf(row: ReferenceRow, keep8bit: boolean): string {
  if (!row.rfc5424) return safe(row.body, keep8bit);
  const tag = row.tag === '' ? '' : `${row.tag}${row.pid === '' ? '' : `[${row.pid}]`}: `;
  return tag + safe(row.text, keep8bit);
}

/** The lines of a row by the name of the format; `host` is what the daemon shows for it. */
export function referenceLines(row: ReferenceRow, host: string, keep8bit: boolean): Record<string, string> {
  const body = bodyOf(row, keep8bit);
  // The daemon's own marks have a facility that no peer knows: they go out as facility syslog.
  const pri = row.pri > 191 ? 40 + (row.pri % 8) : row.pri;
  return {
    'line default': `${bsdStamp(row)} ${host} ${body}\n`,
    'line iso': `${isoStamp(row)} ${host} ${body}\n`,
    'forward default': `<${pri}>${body}\n`,
    'forward rfc3164': `<${pri}>${bsdStamp(row)} ${host} ${body}\n`,
    'line rfc5424': rfc5424Line(row, host, keep8bit),
  };
}

function rfc5424Line(row: ReferenceRow, host: string, keep8bit: boolean): string {
  // A tag with blanks is no field.
  const [tag, pid, text] = row.blanks ? ['', '', row.body] : [row.tag, row.pid, row.text];
  const fields = [host, tag, pid, row.msgId].map((field) => (field === '' ? '-' : field)).join(' ');
  return `${isoStamp(row)} ${fields} ${row.sd === '' ? '-' : sdOf(row.sd, keep8bit)} ${safe(text, keep8bit)}\n`;
}

/** STRUCTURED-DATA with each value in quotes and made safe; what a value must not hold bare gets its backslash. */
function sdOf(sd: string, keep8bit: boolean): string {
  return sd.replaceAll(/= *(?:"((?:[^"\\]|\\[^])*)"|([^ \]]+))/g, (_whole, quoted?: string, bare?: string) => {
    const value = quoted ?? bare?.replaceAll('\\', '\\\\') ?? '';
    const pieces = value.match(/\\["\\\]]|\\|[\xc2-\xf4][\x80-\xbf]+|[^]/g) ?? [];
    return `="${pieces.map((piece) => sdPiece(piece, keep8bit)).join('')}"`;
  });
}

function sdPiece(piece: string, keep8bit: boolean): string {
  if (piece.startsWith('\\')) return piece;
  // One character, or bytes that only look like one.
  let out = '';
  for (let i = 0; i < piece.length; ) {
    UTF8_TEXT.lastIndex = i;
    const length = UTF8_TEXT.exec(piece)?.[0].length ?? 1;
    out += safe(piece.slice(i, i + length), keep8bit).replace(/["\\\]]$/, String.raw`\$&`);
    i += length;
  }
  return out;
}
