/**
 * How options are spelled for people: in complaints, and in the usage.
 */
import type { OptionShape } from './scan-options.ts';

/** @returns `-f`; `--control` where there is no short form */
export function spellOption({ short, long }: OptionShape): string {
  return short === null ? `--${long}` : `-${short}`;
}

/** @returns all forms of an option and its value, e.g. `-f, --config FILE` */
export function optionHead({ short, also, long, value }: OptionShape): string {
  const shorts = short === null ? '    ' : Array.from(short + (also ?? ''), (ch) => `-${ch}, `).join('');
  return `${shorts}--${long}${value === null ? '' : ` ${value}`}`;
}

/** @returns one line of the usage, or two where the head is longer than `width`; each ended */
export function usageLine(head: string, help: string, width: number): string {
  return head.length <= width ? `  ${head.padEnd(width)} ${help}\n` : `  ${head}\n  ${' '.repeat(width)} ${help}\n`;
}
