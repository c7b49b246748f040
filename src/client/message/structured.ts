/**
 * Header and structured data of RFC 5424 as text. What the standard does not allow is replaced: the caller's data must
 * not make a message that no receiver can read. Source: RFC 5424 §6.2, §6.3.
 */

/** Parameters by their names, by the SD-ID of their element: `{ 'order@32473': { id: '7' } }`. */
export type StructuredData = Readonly<Record<string, Readonly<Record<string, string>>>>;

const NIL = '-';
const NAME_MAX = 32;
const HOST_MAX = 255;
const APP_NAME_MAX = 48;
const PROC_ID_MAX = 128;
const MSG_ID_MAX = 32;
const NOT_GRAPH = /[^\u0021-\u007e]/g;
const NOT_NAME = /[^\u0021-\u007e]|[="\]]/g;
const ESCAPED = /["\\\]]/g;

/** The fields of a header behind the time. */
export interface HeaderFields {
  readonly host: string;
  readonly appName: string;
  readonly procId: string;
  readonly msgId: string;
}

/** @returns a header field, NIL where nothing is left. RFC 5424 §6 PRINTUSASCII */
function field(text: string, max: number): string {
  const safe = text.replaceAll(NOT_GRAPH, '_').slice(0, max);
  return safe === '' ? NIL : safe;
}

/** @returns `host app 123 msgid `. RFC 5424 §6.2.4 to §6.2.7 */
export function headerFields({ host, appName, procId, msgId }: HeaderFields): string {
  const names = `${field(host, HOST_MAX)} ${field(appName, APP_NAME_MAX)}`;
  return `${names} ${field(procId, PROC_ID_MAX)} ${field(msgId, MSG_ID_MAX)} `;
}

/** @returns `[id name="value" …][…]`, `-` where there is none. RFC 5424 §6.3 */
export function structuredData(data: StructuredData): string {
  const elements = Object.entries(data).map(([id, params]) => {
    const pairs = Object.entries(params).map(([name, value]) => ` ${sdName(name)}="${paramValue(value)}"`);
    return `[${sdName(id)}${pairs.join('')}]`;
  });
  return elements.length === 0 ? NIL : elements.join('');
}

function sdName(text: string): string {
  const safe = text.replaceAll(NOT_NAME, '_').slice(0, NAME_MAX);
  return safe === '' ? '_' : safe;
}

function paramValue(value: unknown): string {
  return toText(value).replaceAll(ESCAPED, String.raw`\$&`);
}

/** @returns the text of any value, without ever throwing */
export function toText(value: unknown): string {
  if (typeof value === 'string') return value;
  try {
    return String(value);
  } catch {
    return Object.prototype.toString.call(value);
  }
}
