/**
 * Foreign text for a terminal: whatever a terminal would act upon becomes visible. Pure.
 *
 * Control characters, C1 included, marks that turn the direction of text, separators of lines and halves of
 * surrogate pairs are shown as escapes: `\t`, `\x1b`, `\u202e`. Joiners and soft hyphens stay, words need them.
 */
const UNSAFE = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}]|(?![\u00ad\u200c\u200d])\p{Cf}/u;
const UNSAFE_ALL = new RegExp(UNSAFE.source, 'gu');
/** What a terminal is told to look like by {@link Paint}, and nothing else. Source: console_codes(4). */
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

/** @param kept characters that stay as they are, e.g. `\t` */
export function visibleText(text: string, kept = ''): string {
  if (!UNSAFE.test(text)) return text;
  return text.replaceAll(UNSAFE_ALL, (char) => (kept.includes(char) ? char : escape(char)));
}

/** For whole lines. @returns the text, in which only tabs and ends of lines are left of all controls. */
export function visibleLines(text: string): string {
  return visibleText(text, '\t\n');
}

/** As {@link visibleLines}, with the colours that a program has put around its words. */
export function visiblePainted(text: string): string {
  return text
    .split(PAINT)
    .map((part, i) => (i % 2 === 1 ? part : visibleLines(part)))
    .join('');
}

/** JSON that says the same on one line, where a terminal acts upon nothing. */
export function visibleJson(json: string): string {
  return json.replaceAll(UNSAFE_ALL, (char) => {
    // Between two words, since inside of a string JSON allows none of these.
    if (NAMED.has(char)) return ' ';
    return Array.from({ length: char.length }, (_, i) => `\\u${char.charCodeAt(i).toString(16).padStart(4, '0')}`).join(
      '',
    );
  });
}
