/**
 * How options are written for people: in error messages and in the usage.
 */
import type { OptionShape } from './scan-options.ts';

/** @returns `-f`; `--control` if there is no short form */
export function spellOption({ short, long }: OptionShape): string {
  return short === null ? `--${long}` : `-${short}`;
}

/** @returns all forms of an option and its value, e.g. `-f, --config FILE` */
export function optionHead({ short, also, long, value }: OptionShape): string {
  const shorts = short === null ? '    ' : Array.from(short + (also ?? ''), (ch) => `-${ch}, `).join('');
  return `${shorts}--${long}${value === null ? '' : ` ${value}`}`;
}

/** @returns one line of the usage, or two if the head is longer than `width`; each ends in a newline */
export function usageLine(head: string, help: string, width: number): string {
  return head.length <= width ? `  ${head.padEnd(width)} ${help}\n` : `  ${head}\n  ${' '.repeat(width)} ${help}\n`;
}
