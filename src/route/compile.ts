/**
 * Rules → {@link RouteTable}. Runs once per start or reload; may use time and memory in proportion to what the rules
 * select, so that matching need not.
 */
import type { NameFilter, Rule } from '../conf/config.ts';
import { PRI_TABLE_SIZE, SEVERITY_COUNT } from '../protocol/priority.ts';
import { ABSENT, EXACT_BYTES, FOLDED_BYTES, NameTable, PairTable } from './hash.ts';
import { PropertyMatcher } from './property.ts';
import {
  CHECK_HOST_EXCLUDED,
  CHECK_HOST_INCLUDED,
  CHECK_PROGRAM_EXCLUDED,
  CHECK_PROPERTY,
  type Lists,
  NEEDS_HOST,
  NEEDS_PROGRAM,
  NEEDS_RULES,
  QUICK,
  type RouteTable,
} from './route-table.ts';

/** Values of a Uint8 column. */
const PRI_VALUES = 256;

/** Stands for this host's own name in lists. */
const OWN_HOST = '@';

/** Rules selected by the same PRIs: their numbers, in order. */
type RuleList = readonly number[];

/**
 * Compiles rules.
 *
 * @param destinationOf number of a rule's destination, 0 or greater; rules may share one
 * @param ownHosts names of this host, which `@` in host lists stands for
 */
export function compileRoutes(
  rules: readonly Rule[],
  destinationOf: (ruleIdx: number) => number,
  ownHosts: readonly string[],
): RouteTable {
  const destinations = Int32Array.from(rules, (_, idx) => destinationOf(idx));
  const programs = indexFilters(
    rules,
    (rule) => rule.program,
    (name) => [name],
    EXACT_BYTES,
  );
  const hosts = indexFilters(
    rules,
    (rule) => rule.host,
    (name) => (name === OWN_HOST ? ownHosts : [name]),
    FOLDED_BYTES,
  );
  const propertyIdx = numberObjects(rules.map((rule) => rule.property));
  const { classOf, classes } = classify(rules);
  const parts = classes.map((list) => splitClass(list, rules, destinations));
  const named: RuleList[] = [];
  const programLists = listsByName(
    parts.map((part) => part.byProgram),
    programs,
    named,
  );
  const hostLists = listsByName(
    parts.map((part) => part.byHost),
    hosts,
    named,
  );
  const destinationMax = destinations.reduce((max, destination) => Math.max(max, destination), ABSENT);
  return {
    outMax: new Set(destinations).size,
    classOf,
    needs: Uint8Array.from(classes, (list) => needsOf(list, rules)),
    plain: packLists(classes.map((list) => plainDestinations(list, rules, destinations))),
    always: packLists(parts.map((part) => part.always)),
    named: packLists(named),
    programLists,
    hostLists,
    programs: programs.names,
    hosts: hosts.names,
    destinations,
    checks: Uint8Array.from(rules, checksOf),
    programFilters: programs.filterOf,
    hostFilters: hosts.filterOf,
    propertyFilters: Int32Array.from(rules, ({ property }) => (property && propertyIdx.get(property)) ?? ABSENT),
    programMembers: programs.members,
    hostMembers: hosts.members,
    properties: [...propertyIdx.keys()].map((filter) => new PropertyMatcher(filter)),
    notes: {
      stamp: 0,
      chosen: new Int32Array(destinationMax + 1),
      asked: new Int32Array(propertyIdx.size),
      answers: new Uint8Array(propertyIdx.size),
    },
  };
}

/** Numbers objects by identity, in order: rules of one block share one. */
function numberObjects<T extends object>(objects: readonly (T | null)[]): ReadonlyMap<T, number> {
  const numbers = new Map<T, number>();
  for (const object of objects) {
    if (object !== null && !numbers.has(object)) numbers.set(object, numbers.size);
  }
  return numbers;
}

/** The name filters of one kind, as numbers. */
interface FilterIndex {
  readonly names: NameTable;
  /** By rule: number of its filter, or ABSENT. */
  readonly filterOf: Int32Array;
  /** By filter number: numbers of the names it lists. */
  readonly listed: readonly (readonly number[])[];
  readonly members: PairTable;
}

function indexFilters(
  rules: readonly Rule[],
  filterOf: (rule: Rule) => NameFilter | null,
  expand: (name: string) => readonly string[],
  fold: Uint8Array,
): FilterIndex {
  const filters = rules.map(filterOf);
  const numbers = numberObjects(filters);
  const names = new NameTable(
    [...numbers.keys()].flatMap((filter) => filter.names.flatMap(expand)),
    fold,
  );
  const numberOf = (name: string): number => {
    const bytes = Buffer.from(name);
    return names.find(bytes, 0, bytes.length);
  };
  const listed = Array.from(numbers.keys(), (filter) => {
    const members = filter.names.flatMap(expand).map(numberOf);
    return members.length > 1 ? [...new Set(members)] : members;
  });
  const pairs = listed.flatMap((members, filter) => members.map((name) => [filter, name, 0] as const));
  return {
    names,
    filterOf: Int32Array.from(filters, (filter) => (filter && numbers.get(filter)) ?? ABSENT),
    listed,
    members: new PairTable(pairs),
  };
}

interface Classes {
  readonly classOf: Uint8Array;
  /** By class: the rules that select its PRIs. Class 0 has none. */
  readonly classes: readonly RuleList[];
}

/** Groups the PRIs by the rules that select them. */
function classify(rules: readonly Rule[]): Classes {
  const classOf = new Uint8Array(PRI_VALUES);
  // Splits the classes rule by rule: with thousands of rules, no PRI needs a list of its own.
  for (const masks of new Set(rules.map((rule) => rule.severityMasks))) splitClasses(classOf, masks);
  const samples: number[] = [];
  for (let pri = PRI_VALUES - 1; pri >= 0; pri--) samples[classOf[pri]!] ??= pri;
  return { classOf, classes: samples.map((pri) => selecting(rules, pri)) };
}

/** Splits the PRIs of every class by whether `masks` selects them. Class 0 holds the last value, which is no PRI. */
function splitClasses(classOf: Uint8Array, masks: Uint8Array): void {
  const numbers = new Int16Array(2 * PRI_VALUES).fill(ABSENT);
  let count = 0;
  for (let pri = PRI_VALUES - 1; pri >= 0; pri--) {
    const part = 2 * classOf[pri]! + (selects(masks, pri) ? 1 : 0);
    if (numbers[part] === ABSENT) numbers[part] = count++;
    classOf[pri] = numbers[part]!;
  }
}

function selects(masks: Uint8Array, pri: number): boolean {
  return pri < PRI_TABLE_SIZE && (masks[Math.floor(pri / SEVERITY_COUNT)]! & (1 << (pri % SEVERITY_COUNT))) !== 0;
}

function selecting(rules: readonly Rule[], pri: number): RuleList {
  const list: number[] = [];
  rules.forEach((rule, idx) => {
    if (selects(rule.severityMasks, pri)) list.push(idx);
  });
  return list;
}

function isPlain(rule: Rule): boolean {
  return rule.program === null && rule.host === null && rule.property === null;
}

function needsOf(list: RuleList, rules: readonly Rule[]): number {
  let needs = 0;
  for (const idx of list) {
    const rule = rules[idx];
    if (rule === undefined || isPlain(rule)) continue;
    needs |= NEEDS_RULES;
    if (rule.program !== null) needs |= NEEDS_PROGRAM;
    if (rule.host !== null || rule.property?.property === 'hostname') needs |= NEEDS_HOST;
  }
  return needs;
}

function plainDestinations(list: RuleList, rules: readonly Rule[], destinations: Int32Array): readonly number[] {
  const plain = list.every((idx) => {
    const rule = rules[idx];
    return rule !== undefined && isPlain(rule);
  });
  return plain ? [...new Set(list.map((idx) => destinations[idx]!))] : [];
}

/** How to find the rules of a class. */
interface ClassParts {
  readonly always: RuleList;
  readonly byProgram: RuleList;
  readonly byHost: RuleList;
}

function splitClass(list: RuleList, rules: readonly Rule[], destinations: Int32Array): ClassParts {
  const always: number[] = [];
  const byProgram: number[] = [];
  const byHost: number[] = [];
  /** Destinations that every message of the class reaches if matching gets that far. */
  const certain = new Set<number>();
  for (const idx of list) {
    const rule = rules[idx];
    const destination = destinations[idx]!;
    if (rule === undefined || (certain.has(destination) && (checksOf(rule) & QUICK) === 0)) continue;
    if (rule.program?.exclude === false) byProgram.push(idx);
    else if (rule.host?.exclude === false) byHost.push(idx);
    else always.push(idx);
    if (isPlain(rule)) certain.add(destination);
  }
  return { always, byProgram, byHost };
}

function checksOf(rule: Rule): number {
  const byProgram = rule.program?.exclude === false;
  let checks = 0;
  if (rule.program?.exclude === true) checks |= CHECK_PROGRAM_EXCLUDED;
  if (rule.host?.exclude === true) checks |= CHECK_HOST_EXCLUDED;
  // A host's list has only rules for that host; a program's list has rules for any host.
  if (rule.host?.exclude === false && byProgram) checks |= CHECK_HOST_INCLUDED;
  if (rule.property !== null) checks |= CHECK_PROPERTY;
  if (rule.program?.quick === true || rule.host?.quick === true) checks |= QUICK;
  return checks;
}

/** Sorts the rules of every class by the names they require; appends the lists to `named`. */
function listsByName(byClass: readonly RuleList[], filters: FilterIndex, named: RuleList[]): PairTable {
  const pairs: (readonly [number, number, number])[] = [];
  for (const [classIdx, list] of byClass.entries()) {
    const byName = new Map<number, number[]>();
    for (const idx of list) {
      for (const name of filters.listed[filters.filterOf[idx]!] ?? []) {
        const rulesOfName = byName.get(name) ?? [];
        rulesOfName.push(idx);
        byName.set(name, rulesOfName);
      }
    }
    for (const [name, rulesOfName] of byName) pairs.push([classIdx, name, named.push(rulesOfName) - 1]);
  }
  return new PairTable(pairs);
}

function packLists(lists: readonly (readonly number[])[]): Lists {
  const first = new Int32Array(lists.length + 1);
  lists.forEach((list, idx) => {
    first[idx + 1] = first[idx]! + list.length;
  });
  const items = new Int32Array(first[lists.length]!);
  lists.forEach((list, idx) => items.set(list, first[idx]));
  return { items, first };
}
