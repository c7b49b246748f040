/**
 * Names of the old files of `f`, and what must be moved for the next one. Pure.
 *
 * `f.0` is the newest, `f.1` is waiting to be compressed into `f.1.gz`, and so on up to `f.COUNT`. Two more names
 * exist briefly: `.f.tsyslogd-new`, the empty file that is about to become `f`, and `.f.tsyslogd-gz`, the output
 * of a compression in progress.
 * COMPAT(sysklogd 2.7.2): a count of N keeps N + 1 old files; those beyond N, left by a greater count, are not touched.
 */

/** The forms of one old file on the disk; both exist only if a compression was interrupted. */
export interface Generation {
  plain: boolean;
  gz: boolean;
}

/** Old files by their number; 0 is the newest. */
export type Generations = ReadonlyMap<number, Readonly<Generation>>;

/** One change of the directory. Names are relative to it. */
export type Step =
  | { readonly kind: 'remove'; readonly name: string }
  | { readonly kind: 'rename'; readonly from: string; readonly to: string };

export function oldName(base: string, index: number, form: 'plain' | 'gz'): string {
  return `${base}.${index}${form === 'gz' ? '.gz' : ''}`;
}

/** The empty file that is about to take the place of `base`. */
export function newName(base: string): string {
  return `.${base}.tsyslogd-new`;
}

/** A compressed file that is not complete yet. */
export function partialName(base: string): string {
  return `.${base}.tsyslogd-gz`;
}

/** @returns the old files of `base` among `names`, those beyond `count` left out. */
export function findGenerations(names: readonly string[], base: string, count: number): Generations {
  const found = new Map<number, Generation>();
  for (const name of names) {
    if (!name.startsWith(`${base}.`)) continue;
    const parts = /^(0|[1-9][0-9]{0,4})(\.gz)?$/.exec(name.slice(base.length + 1));
    const index = Number(parts?.[1] ?? Number.NaN);
    if (!(index <= count)) continue;
    const generation = found.get(index) ?? { plain: false, gz: false };
    if (parts?.[2] === undefined) generation.plain = true;
    else generation.gz = true;
    found.set(index, generation);
  }
  return found;
}

/** Every name of one generation. */
export function namesOf(base: string, index: number, generation: Readonly<Generation> | undefined): readonly string[] {
  return [
    ...(generation?.plain === true ? [oldName(base, index, 'plain')] : []),
    ...(generation?.gz === true ? [oldName(base, index, 'gz')] : []),
  ];
}

/**
 * Plans how to free `base.0`: the oldest is removed if there is no gap, then every file below the first gap moves up by one,
 * the highest first. Interrupted anywhere, the steps leave only a gap, which the next plan fills. So
 * no step ever replaces a file, and the order never changes.
 */
export function planShift(generations: Generations, base: string, count: number): readonly Step[] {
  const steps: Step[] = [];
  let free = 0;
  while (free <= count && generations.has(free)) free++;
  if (free > count) {
    free = count;
    for (const name of namesOf(base, free, generations.get(free))) steps.push({ kind: 'remove', name });
  }
  for (let index = free - 1; index >= 0; index--) {
    const generation = generations.get(index);
    if (generation?.plain === true) {
      steps.push({ kind: 'rename', from: oldName(base, index, 'plain'), to: oldName(base, index + 1, 'plain') });
    }
    if (generation?.gz === true) {
      steps.push({ kind: 'rename', from: oldName(base, index, 'gz'), to: oldName(base, index + 1, 'gz') });
    }
  }
  return steps;
}
