import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type GatedWriter, WriteGate } from '../../../../src/output/file/write-gate.ts';

const ROOM = 8;

interface Writer extends GatedWriter {
  readonly name: number;
}

function writers(count: number, started: number[]): Writer[] {
  return Array.from({ length: count }, (_, name) => ({ name, startWrite: () => void started.push(name) }));
}

function enterAll(gate: WriteGate, all: readonly Writer[]): void {
  for (const writer of all) gate.enter(writer, performance.now());
}

test('a write starts at once while there is room, the others wait in their order', () => {
  const gate = new WriteGate();
  const started: number[] = [];
  const all = writers(ROOM + 3, started);
  enterAll(gate, all);
  assert.deepEqual(started, [0, 1, 2, 3, 4, 5, 6, 7]);
  for (const writer of all.slice(2, 5)) gate.leave(writer);
  assert.deepEqual(started.slice(ROOM), [8, 9, 10]);
});

test('whoever enters again while it waits keeps its place and starts once', () => {
  const gate = new WriteGate();
  const started: number[] = [];
  const all = writers(ROOM + 2, started);
  enterAll(gate, all);
  enterAll(gate, all.slice(ROOM));
  for (const writer of all.slice(0, ROOM)) gate.leave(writer);
  assert.deepEqual(started.slice(ROOM), [8, 9]);
});

test('whoever withdraws does not start', () => {
  const gate = new WriteGate();
  const started: number[] = [];
  const all = writers(ROOM + 2, started);
  enterAll(gate, all);
  const [first] = all.slice(ROOM);
  assert.ok(first);
  gate.withdraw(first);
  for (const writer of all.slice(0, ROOM)) gate.leave(writer);
  assert.deepEqual(started.slice(ROOM), [9]);
});

test('whoever has nothing to write leaves within its turn, and the next one follows', () => {
  const gate = new WriteGate();
  const started: number[] = [];
  const all = writers(ROOM, started);
  enterAll(gate, all);
  const idle: GatedWriter = { startWrite: () => gate.leave(idle) };
  const last = { startWrite: () => void started.push(99) };
  gate.enter(idle, performance.now());
  gate.enter(last, performance.now());
  const [first] = all;
  assert.ok(first);
  gate.leave(first);
  assert.deepEqual(started.slice(ROOM), [99]);
});

test('writes that never end hold up the others for a moment only', async () => {
  const gate = new WriteGate();
  const started: number[] = [];
  enterAll(gate, writers(ROOM, started));
  await new Promise<void>((resolve) => gate.enter({ startWrite: resolve }, performance.now()));
  assert.equal(started.length, ROOM);
});
