/**
 * A layout as configuration for the BSD-like daemons: blocks and selector lines of syslog.conf(5).
 */
import { join } from 'node:path';
import { spreadProgram } from '../load/payload.ts';
import type { Setup } from './daemon.ts';
import type { IdleBlocks } from './rules.ts';

/** User in rules that never match: a destination that needs no descriptor. */
export const NOBODY = 'nobody';

const MARK = { program: '!', host: '+' } as const;

/** @returns name number `i` of a program or host that sends nothing */
export function idleName(of: IdleBlocks['of'], i: number): string {
  return `no${of}${i}`;
}

export function bsdLines({ dir, layout }: Setup): string {
  const { idle, spread, rules } = layout;
  const lines: string[] = [];
  if (idle !== null) {
    for (let i = 0; i < idle.count; i++) lines.push(`${MARK[idle.of]}${idleName(idle.of, i)}`, `*.*\t${NOBODY}`);
    lines.push(`${MARK[idle.of]}*`);
  }
  if (spread === null) lines.push(...rules.map((rule) => `${rule.selector}\t-${join(dir, rule.file)}`));
  else {
    for (let i = 0; i < spread.programs; i++) {
      const rule = rules[i % spread.groups];
      if (rule !== undefined) lines.push(`!${spreadProgram(spread, i)}`, `${rule.selector}\t-${join(dir, rule.file)}`);
    }
  }
  return `${lines.join('\n')}\n`;
}
