/**
 * Makes foreign text safe for a terminal: whatever a terminal would act on becomes visible. Pure.
 *
 * Control characters (C1 included), marks that change the direction of text, line separators and lone surrogates are
 * shown as escapes: `\t`, `\x1b`, `\u202e`. Joiners and soft hyphens stay; words need them.
 */
const UNSAFE = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}]|(?![\u00ad\u200c\u200d])\p{Cf}/u;
const UNSAFE_ALL = new RegExp(UNSAFE.source, 'gu');
/** The colors that {@link Paint} sets, and no other sequence. Source: console_codes(4). */
// oxlint-disable-next-line no-control-regex -- that is what it looks for
const PAINT = /(\u001b\[\d{1,2}m)/;
const BYTE_MAX = 0xff;

const NAMED: ReadonlyMap<string, string> = new Map([
  ['\t', '\\t'],
  ['\n', '\\n'],
  ['\r', '\\r'],
]);

function escape(char: string): string {
  const code = char.codePointAt(0) ?? 0;
  const hex = code.toString(16);
  if (code <= BYTE_MAX) return NAMED.get(char) ?? `\\x${hex.padStart(2, '0')}`;
  return hex.length > 4 ? `\\u{${hex}}` : `\\u${hex.padStart(4, '0')}`;
}

/** @param kept characters to leave as they are, e.g. `\t` */
export function visibleText(text: string, kept = ''): string {
  if (!UNSAFE.test(text)) return text;
  return text.replaceAll(UNSAFE_ALL, (char) => (kept.includes(char) ? char : escape(char)));
}

/** For whole lines. @returns the text, with tabs and newlines the only controls left */
export function visibleLines(text: string): string {
  return visibleText(text, '\t\n');
}

/** As {@link visibleLines}, but keeps the colors that the program has added. */
export function visiblePainted(text: string): string {
  return text
    .split(PAINT)
    .map((part, i) => (i % 2 === 1 ? part : visibleLines(part)))
    .join('');
}

/** Equivalent JSON on one line, with nothing in it that a terminal acts on. */
export function visibleJson(json: string): string {
  return json.replaceAll(UNSAFE_ALL, (char) => {
    // Must stand between two tokens, since JSON strings allow none of these.
    if (NAMED.has(char)) return ' ';
    return Array.from({ length: char.length }, (_, i) => `\\u${char.charCodeAt(i).toString(16).padStart(4, '0')}`).join(
      '',
    );
  });
}
