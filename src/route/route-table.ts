/**
 * The compiled rules: which destinations a message goes to, by its PRI first and by names second.
 *
 * PRIs that the same rules select form a class. A class has three sorted lists of candidate rules: those examined for
 * every message, those of one program, and those of one host; the latter two are found by hash. A class whose rules
 * have no block is a plain list of destinations. Immutable but for the notes of the current match.
 */
import type { NameTable, PairTable } from './hash.ts';
import type { PropertyMatcher } from './property.ts';

/** What remains to check for a candidate: bits of {@link RouteTable.checks}. */
export const CHECK_PROGRAM_EXCLUDED = 1;
export const CHECK_HOST_INCLUDED = 2;
export const CHECK_HOST_EXCLUDED = 4;
export const CHECK_PROPERTY = 8;
/** After a match no later rule is examined. */
export const QUICK = 16;

/** What a class needs to know of a message: bits of {@link RouteTable.needs}. 0: it is a plain list. */
export const NEEDS_RULES = 1;
export const NEEDS_PROGRAM = 2;
export const NEEDS_HOST = 4;

/** Lists: list n is `items` from `first[n]` to `first[n + 1]`. */
export interface Lists {
  readonly items: Int32Array;
  readonly first: Int32Array;
}

export interface RouteTable {
  /** Maximum number of destinations of one message: the size that `out` must have. */
  readonly outMax: number;
  /** Class of every PRI (256; beyond the internal facility the empty class). */
  readonly classOf: Uint8Array;
  /** NEEDS_… of every class. */
  readonly needs: Uint8Array;
  /** By class: destinations, each once, in rule order. */
  readonly plain: Lists;
  /** By class: rules examined for every message. */
  readonly always: Lists;
  /** Rules that require one of several programs or hosts; the pair tables say which list. */
  readonly named: Lists;
  /** (class, program) and (class, host) → list of `named`. */
  readonly programLists: PairTable;
  readonly hostLists: PairTable;
  readonly programs: NameTable;
  readonly hosts: NameTable;
  /** By rule: destination, CHECK_… and QUICK bits, numbers of its filters. */
  readonly destinations: Int32Array;
  readonly checks: Uint8Array;
  readonly programFilters: Int32Array;
  readonly hostFilters: Int32Array;
  readonly propertyFilters: Int32Array;
  /** (filter, name) → 0: the filter lists the name. */
  readonly programMembers: PairTable;
  readonly hostMembers: PairTable;
  readonly properties: readonly PropertyMatcher[];
  readonly notes: MatchNotes;
}

/** Working memory of one match; meaningless between matches. */
export interface MatchNotes {
  /** Number of the current match. */
  stamp: number;
  /** By destination: the last match that chose it. */
  readonly chosen: Int32Array;
  /** By property filter: the last match that evaluated it, and the result. */
  readonly asked: Int32Array;
  readonly answers: Uint8Array;
}
