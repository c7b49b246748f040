/**
 * HOT PATH. Row → numbers of its destinations. One look-up by PRI gives the class; a class without blocks needs no
 * more. Otherwise the candidates (always, of this program, of this host) are merged in the order of the rules.
 * Allocates nothing but a view of the text for each regular expression evaluated.
 */
import type { Batch } from '../dgram-parser/columns/batch.ts';
import { ABSENT } from './hash.ts';
import type { HostLabels } from './property.ts';
import {
  CHECK_HOST_EXCLUDED,
  CHECK_HOST_INCLUDED,
  CHECK_PROGRAM_EXCLUDED,
  CHECK_PROPERTY,
  type MatchNotes,
  NEEDS_HOST,
  NEEDS_PROGRAM,
  QUICK,
  type RouteTable,
} from './route-table.ts';

/** Greater than any rule number. */
const NO_RULE = 0x7fffffff;
/** Largest stamp that fits its column. */
const STAMP_MAX = 0x7fffffff;

/**
 * Finds the destinations of a row, each once, in rule order.
 *
 * Shape: reads pri, tag, msgId, sd, text columns.
 *
 * @param out at least `table.outMax` numbers.
 * @returns how many were written.
 */
export function match(table: RouteTable, batch: Batch, row: number, hosts: HostLabels, out: Int32Array): number {
  const classIdx = table.classOf[batch.pri[row]!]!;
  if (table.needs[classIdx] !== 0) return matchRules(table, classIdx, batch, row, hosts, out);
  const { items, first } = table.plain;
  const start = first[classIdx]!;
  const count = first[classIdx + 1]! - start;
  for (let idx = 0; idx < count; idx++) out[idx] = items[start + idx]!;
  return count;
}

function nextStamp(notes: MatchNotes): number {
  if (notes.stamp === STAMP_MAX) {
    notes.chosen.fill(0);
    notes.asked.fill(0);
    notes.stamp = 0;
  }
  notes.stamp++;
  return notes.stamp;
}

// oxlint-disable-next-line max-lines-per-function, max-params -- one merge of three sorted lists, hot: bench/micro/route/route.ts
function matchRules(
  table: RouteTable,
  classIdx: number,
  batch: Batch,
  row: number,
  hosts: HostLabels,
  out: Int32Array,
): number {
  const needs = table.needs[classIdx]!;
  const notes = table.notes;
  const stamp = nextStamp(notes);
  let program = ABSENT;
  let host = ABSENT;
  let ofProgram = ABSENT;
  let ofHost = ABSENT;
  if ((needs & NEEDS_PROGRAM) !== 0) {
    program = table.programs.find(batch.bytes, batch.tagOff[row]!, batch.tagLen[row]!);
    ofProgram = table.programLists.find(classIdx, program);
  }
  if ((needs & NEEDS_HOST) !== 0) {
    hosts.locate(batch, row);
    host = table.hosts.find(hosts.bytes, hosts.off, hosts.len);
    ofHost = table.hostLists.find(classIdx, host);
  }
  const { items: always, first: alwaysFirst } = table.always;
  const { items: named, first: namedFirst } = table.named;
  let atAlways = alwaysFirst[classIdx]!;
  const endAlways = alwaysFirst[classIdx + 1]!;
  let atProgram = ofProgram === ABSENT ? 0 : namedFirst[ofProgram]!;
  const endProgram = ofProgram === ABSENT ? 0 : namedFirst[ofProgram + 1]!;
  let atHost = ofHost === ABSENT ? 0 : namedFirst[ofHost]!;
  const endHost = ofHost === ABSENT ? 0 : namedFirst[ofHost + 1]!;
  let count = 0;
  for (;;) {
    const ruleAlways = atAlways < endAlways ? always[atAlways]! : NO_RULE;
    const ruleProgram = atProgram < endProgram ? named[atProgram]! : NO_RULE;
    const ruleHost = atHost < endHost ? named[atHost]! : NO_RULE;
    let rule = ruleAlways;
    if (ruleProgram < rule) rule = ruleProgram;
    if (ruleHost < rule) rule = ruleHost;
    if (rule === NO_RULE) return count;
    // A rule is in only one of the lists.
    if (rule === ruleAlways) atAlways++;
    else if (rule === ruleProgram) atProgram++;
    else atHost++;

    const checks = table.checks[rule]!;
    const destination = table.destinations[rule]!;
    const chosen = notes.chosen[destination] === stamp;
    if (chosen && (checks & QUICK) === 0) continue;
    if (checks !== 0) {
      if (
        (checks & CHECK_PROGRAM_EXCLUDED) !== 0 &&
        isListed(table.programMembers, table.programFilters[rule]!, program)
      )
        continue;
      if ((checks & CHECK_HOST_INCLUDED) !== 0 && !isListed(table.hostMembers, table.hostFilters[rule]!, host))
        continue;
      if ((checks & CHECK_HOST_EXCLUDED) !== 0 && isListed(table.hostMembers, table.hostFilters[rule]!, host)) continue;
      if ((checks & CHECK_PROPERTY) !== 0 && !passes(table, table.propertyFilters[rule]!, batch, row, hosts)) continue;
    }
    if (!chosen) {
      notes.chosen[destination] = stamp;
      out[count++] = destination;
    }
    if ((checks & QUICK) !== 0) return count;
  }
}

function isListed(members: RouteTable['programMembers'], filter: number, name: number): boolean {
  return members.find(filter, name) !== ABSENT;
}

/** Evaluates a property filter, once per message however many rules share it. */
function passes(table: RouteTable, filter: number, batch: Batch, row: number, hosts: HostLabels): boolean {
  const notes = table.notes;
  if (notes.asked[filter] === notes.stamp) return notes.answers[filter] === 1;
  const answer = table.properties[filter]?.matches(batch, row, hosts) === true;
  notes.asked[filter] = notes.stamp;
  notes.answers[filter] = answer ? 1 : 0;
  return answer;
}
