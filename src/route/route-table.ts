/**
 * The compiled rules: which destinations a message goes to, by its PRI first and by names second.
 *
 * PRIs that the same rules select form a class. A class has three sorted lists of candidate rules: those to be looked
 * at for every message, those of one program, those of one host; the latter two are found by hash. A class whose
 * rules have no block is a plain list of destinations. Immutable but for the notes of the match at hand.
 */
import type { NameTable, PairTable } from './hash.ts';
import type { PropertyMatcher } from './property.ts';

/** What is left to check of a candidate, bits of {@link RouteTable.checks}. */
export const CHECK_PROGRAM_EXCLUDED = 1;
export const CHECK_HOST_INCLUDED = 2;
export const CHECK_HOST_EXCLUDED = 4;
export const CHECK_PROPERTY = 8;
/** After a match no later rule is looked at. */
export const QUICK = 16;

/** What a class needs to know of a message, bits of {@link RouteTable.needs}. 0: it is a plain list. */
export const NEEDS_RULES = 1;
export const NEEDS_PROGRAM = 2;
export const NEEDS_HOST = 4;

/** Lists: list n is `items` from `first[n]` to `first[n + 1]`. */
export interface Lists {
  readonly items: Int32Array;
  readonly first: Int32Array;
}

export interface RouteTable {
  /** Most destinations that one message can have: the size that `out` must have. */
  readonly outMax: number;
  /** Class of every PRI (256; beyond the internal facility the empty class). */
  readonly classOf: Uint8Array;
  /** NEEDS_… of every class. */
  readonly needs: Uint8Array;
  /** By class: destinations, each once, in the order of the rules. */
  readonly plain: Lists;
  /** By class: rules to be looked at for every message. */
  readonly always: Lists;
  /** Rules that ask for one of several programs or hosts; which list, say the pair tables. */
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

/** Working memory of one match; means nothing between two. */
export interface MatchNotes {
  /** Number of the match at hand. */
  stamp: number;
  /** By destination: the last match that chose it. */
  readonly chosen: Int32Array;
  /** By property filter: the last match that asked it, and its answer then. */
  readonly asked: Int32Array;
  readonly answers: Uint8Array;
}
