/**
 * Which stage of message processing a profiler's sample belongs to.
 *
 * perf(1) sees everything but what V8 has inlined; V8's CPU profile sees inlined functions but no kernel. So perf gives
 * the total of each stage, and the profile only divides the part that is JavaScript.
 */

/** Samples by stage. */
export type Stages = Map<string, number>;

/** The part that V8's profile divides. */
export const JAVASCRIPT = 'JavaScript';

/** Folder or file of src/ → stage; the first match wins. */
const SOURCES: readonly (readonly [part: string, stage: string])[] = [
  ['dgram-parser/clean-scan', 'JS: clean scan'],
  ['dgram-parser/columns/byte-block', 'JS: format, copy'],
  ['dgram-parser/columns/row-copy', 'JS: repeat compare'],
  ['dgram-parser/', 'JS: parse'],
  ['format/', 'JS: format, copy'],
  ['repeat/', 'JS: repeat compare'],
  ['route/', 'JS: route'],
  ['daemon/', 'JS: route, hand over (pipeline, destinations)'],
  ['input/', 'JS: receive'],
  ['sys/', 'JS: receive'],
  ['output/', 'JS: output'],
];

const KERNEL: readonly (readonly [call: RegExp, stage: string])[] = [
  [/sys_recvmmsg/, 'kernel: recvmmsg'],
  [/sys_(?:pwrite64|pwritev|writev)|sys_write(?!\w)|vfs_write/, 'kernel: write to files, event of the pool'],
  [/sys_(?:epoll|futex|poll)/, 'kernel: epoll, futex'],
  [/page_fault|exc_/, 'kernel: page faults'],
];

export function add(stages: Stages, stage: string, count: number): void {
  stages.set(stage, (stages.get(stage) ?? 0) + count);
}

/** @returns the stage of a perf sample; `frames` as printed by perf script, the innermost first */
export function stageOfFrames(frames: readonly string[], isMain: boolean): string {
  const [leaf = ''] = frames;
  if (leaf.includes('[kernel')) {
    const found = KERNEL.find(([call]) => frames.some((frame) => call.test(frame)));
    return found?.[1] ?? (isMain ? 'kernel: other' : 'kernel: write to files, event of the pool');
  }
  if (frames.some((frame) => /Scaveng|MarkCompact|Sweep|MinorGC|Heap::/.test(frame))) return 'garbage collection';
  if (frames.some((frame) => /compiler::|TurboFan|Turboshaft|baseline::/.test(frame))) return 'compilation';
  if (!isMain) return 'threads of the pool, user mode';
  if (/ JS:| Builtins_|\[JIT\]|perf-\d+\.map/.test(leaf)) return JAVASCRIPT;
  return 'native: koffi, libuv, libc, V8';
}

/** @returns the stage of JavaScript in the file of `url`; null: not ours to divide (idle, native) */
export function stageOfSource(url: string): string | null {
  if (url.startsWith('node:')) return 'JS: of Node.js (timers, callbacks)';
  const path = url.split('/src/').at(-1) ?? '';
  return SOURCES.find(([part]) => path.startsWith(part))?.[1] ?? null;
}
