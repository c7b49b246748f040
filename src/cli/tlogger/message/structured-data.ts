/**
 * Structured data that the command line builds up. Source: RFC 5424 §6.3, logger(1).
 *
 * What is checked is what logger(1) checks, which is less than the RFC asks for.
 */
import { LoggerFailure } from '../failure.ts';

export interface SdElement {
  readonly id: string;
  /** `name="value"` */
  readonly params: readonly string[];
}

/** Names that IANA has registered. Source: RFC 5424 §7. */
const REGISTERED: readonly string[] = ['timeQuality', 'origin', 'meta'];
/** A name, then the number of an enterprise, which may have parts. */
// oxlint-disable-next-line no-control-regex -- they are what must not be in it
const OWN_ID = /^[^[="@ \x00-\x1f\x7f]+@\d+(?:\.\d+)*$/;
/** Within the quotes `"` and `]` stand behind a backslash, which stands before nothing else but itself and `[`. */
const PARAM = /^[^="]+="(?:[^"\]\\]|\\[[\]"\\])*"$/;

/** @throws LoggerFailure: not valid, or the second of that name */
export function addElement(elements: readonly SdElement[], id: string): readonly SdElement[] {
  if (!REGISTERED.includes(id) && !OWN_ID.test(id)) throw new LoggerFailure(`invalid structured data ID: '${id}'`);
  if (hasElement(elements, id)) throw new LoggerFailure(`structured data ID '${id}' is not unique`);
  return [...elements, { id, params: [] }];
}

/** Adds to the last element. @throws LoggerFailure: not valid, or there is no element */
export function addParam(elements: readonly SdElement[], param: string): readonly SdElement[] {
  if (!PARAM.test(param)) throw new LoggerFailure(`invalid structured data parameter: '${param}'`);
  const last = elements.at(-1);
  if (last === undefined) throw new LoggerFailure(`--sd-id was not specified for --sd-param ${param}`);
  return [...elements.slice(0, -1), { id: last.id, params: [...last.params, param] }];
}

export function hasElement(elements: readonly SdElement[], id: string): boolean {
  return elements.some((element) => element.id === id);
}

/** Elements without parameters are left out. @returns `-` where nothing is left */
export function formatElements(elements: readonly SdElement[]): string {
  const text = elements
    .filter(({ params }) => params.length > 0)
    .map(({ id, params }) => `[${id} ${params.join(' ')}]`)
    .join('');
  return text === '' ? '-' : text;
}
