/**
 * Reloads that change an option of something that is busy: the output before and the one after write to the same place,
 * and everything is there once, in the order of its arrival.
 */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { TestDaemon } from '../support/daemon.ts';
import { FifoReader } from '../support/fifo-reader.ts';
import { sendLocal } from '../support/send.ts';
import { until } from '../support/until.ts';

const MESSAGES = 20_000;
const flood = Array.from({ length: MESSAGES }, (_, i) => `<13>flood: ${i}`);

interface Case {
  readonly what: string;
  /** Rules that take turns; `DIR` is the folder. */
  readonly rules: readonly string[];
  /** @returns what was written, of files the oldest first */
  readonly text: (daemon: TestDaemon) => string;
}

const fileText = (daemon: TestDaemon): string => readFileSync(daemon.path('busy'), 'latin1');

const CASES: readonly Case[] = [
  { what: 'rotate=', rules: ['user.* DIR/busy', 'user.* DIR/busy ;rotate=100M'], text: fileText },
  {
    what: 'the format',
    rules: ['user.* DIR/busy', 'user.* DIR/busy ;ISO', 'user.* DIR/busy ;RFC5424'],
    text: fileText,
  },
  { what: 'mode=', rules: ['user.* DIR/busy', 'user.* DIR/busy ;mode=0600'], text: fileText },
  { what: 'the dash', rules: ['user.* DIR/busy', 'user.* -DIR/busy'], text: fileText },
  { what: 'how the path is written', rules: ['user.* DIR/busy', 'user.* DIR/../DIRNAME/busy'], text: fileText },
  {
    what: 'the format of a command',
    rules: ['user.* |cat >> DIR/busy', 'user.* |cat >> DIR/busy ;ISO'],
    text: fileText,
  },
];

/** Sends all, and reloads as long as that takes. */
async function floodAndReload(daemon: TestDaemon, rules: readonly string[]): Promise<number> {
  const state = { sent: false };
  const sending = sendLocal(daemon.socket, flood).then(() => {
    state.sent = true;
  });
  const name = daemon.dir.split('/').at(-1) ?? '';
  let reloads = 0;
  while (!state.sent) {
    const rule = rules[++reloads % rules.length] ?? '';
    daemon.configure(`${rule.replace('DIRNAME', name)}\nsyslog.* -DIR/self\n`);
    await daemon.reload();
  }
  await sending;
  return reloads;
}

function assertOrder(text: string): void {
  const lines = text.split('\n').slice(0, -1);
  const numbers = lines.map((line) => Number(/flood\S* (?:- - - )?(\d+)$/.exec(line)?.[1]));
  const wrong = numbers.findIndex((number, i) => number !== i);
  assert.equal(wrong, -1, `line ${wrong}: ${lines.slice(Math.max(0, wrong - 1), wrong + 2).join(' | ')}`);
  assert.equal(numbers.length, MESSAGES);
}

for (const { what, rules, text } of CASES) {
  test(`a reload that changes ${what} keeps the order`, async (t) => {
    const daemon = await TestDaemon.start(t, { conf: rules[0] ?? '' });
    const reloads = await floodAndReload(daemon, rules);
    assert.deepEqual(await daemon.stop(), { code: 0, signal: null });
    assertOrder(text(daemon));
    t.diagnostic(`${reloads} reloads`);
  });
}

test('a reload that changes mode= of a FIFO keeps the order', async (t) => {
  const rules = ['user.* |DIR/fifo', 'user.* |DIR/fifo ;mode=0622'];
  const daemon = await TestDaemon.start(t, { conf: rules[0] ?? '' });
  await until('it is there', () => existsSync(daemon.path('fifo')));
  const reader = FifoReader.open(t, daemon.path('fifo'));
  const reloads = await floodAndReload(daemon, rules);
  await reader.has(new RegExp(`flood: ${MESSAGES - 1}\n$`));
  assert.deepEqual(await daemon.stop(), { code: 0, signal: null });
  assertOrder(reader.text);
  t.diagnostic(`${reloads} reloads`);
});

test('rules of one file become one rule: what came before the reload is written first', async (t) => {
  const two = 'user.* DIR/busy\nlocal0.* DIR/busy ;ISO\n';
  const one = 'user.*;local0.* DIR/busy ;ISO\n';
  const daemon = await TestDaemon.start(t, { conf: two });
  const part = 1000;
  for (let from = 0; from < MESSAGES; from += part) {
    const sending = sendLocal(daemon.socket, flood.slice(from, from + part));
    daemon.configure(`${one}syslog.* -DIR/self\n`);
    await daemon.reload();
    await sending;
    await daemon.line('busy', new RegExp(`flood: ${from + part - 1}$`));
    daemon.configure(`${two}syslog.* -DIR/self\n`);
    await daemon.reload();
  }
  assert.deepEqual(await daemon.stop(), { code: 0, signal: null });
  assertOrder(fileText(daemon));
});
