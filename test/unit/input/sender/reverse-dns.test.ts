import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { ReverseDns, safePeerName, type SystemNames } from '../../../../src/input/sender/reverse-dns.ts';
import { until } from '../../../support/until.ts';

const SAFE: ReadonlyArray<readonly [string, string | null]> = [
  ['Web1.Example.ORG.', 'web1.example.org'],
  ['web_1', 'web_1'],
  ['xn--bcher-kva.example', 'xn--bcher-kva.example'],
  ['', null],
  ['.', null],
  ['a..b', null],
  ['web1 root', null],
  ['web1\n<0>panic', null],
  ['\u001b[31mred', null],
  ['bücher.example', null],
  ['127.0.0.1', null],
  ['1.0.0.127.0x7f', null],
  ['10.in-addr.arpa.1', null],
  ['-', null],
  ['_', null],
  ['-.example.org', null],
  ['a.--.example.org', null],
  [`${'a'.repeat(63)}.example`, `${'a'.repeat(63)}.example`],
  [`${'a'.repeat(64)}.example`, null],
  [`${'a.'.repeat(126)}aaa`, null],
];
for (const [answer, expected] of SAFE) {
  test(`safePeerName of ${JSON.stringify(answer.slice(0, 40))} is ${expected === null ? 'refused' : expected}`, () => {
    assert.equal(safePeerName(answer), expected);
  });
}

/** Look-ups that the test answers: names by address, then addresses by name. */
class ManualSystem implements SystemNames {
  readonly names: { address: string; done: (error: Error | null, name: string) => void }[] = [];
  readonly addresses: { name: string; family: number; done: (error: Error | null, found: string[]) => void }[] = [];

  nameOf(address: string, done: (error: Error | null, name: string) => void): void {
    this.names.push({ address, done });
  }

  addressesOf(name: string, family: number, done: (error: Error | null, found: string[]) => void): void {
    this.addresses.push({ name, family, done });
  }
}

interface Rig {
  readonly system: ManualSystem;
  readonly dns: ReverseDns;
  readonly answers: string[];
  readonly ask: (address: string) => boolean;
}

function rig(t: TestContext, giveUpMs = 1_000_000): Rig {
  const system = new ManualSystem();
  const dns = new ReverseDns({ system, giveUpMs });
  t.after(() => dns.close());
  const answers: string[] = [];
  const ask = (address: string): boolean =>
    dns.ask(address, (answer) =>
      answers.push(`${address} ${answer.kind}${answer.kind === 'name' ? ` ${answer.name}` : ''}`),
    );
  return { system, dns, answers, ask };
}

function failure(code: string): Error {
  return Object.assign(new Error(code), { code });
}

test('ReverseDns yields a name whose own look-up gives the address back', (t) => {
  const { system, answers, ask } = rig(t);
  ask('198.51.100.7');
  ask('2001:db8::7');
  system.names[0]?.done(null, 'Web1.example.org.');
  system.names[1]?.done(null, 'web2.example.org');
  assert.deepEqual(
    system.addresses.map(({ name, family }) => [name, family]),
    [
      ['web1.example.org', 4],
      ['web2.example.org', 6],
    ],
  );
  assert.deepEqual(answers, []);
  system.addresses[0]?.done(null, ['198.51.100.6', '198.51.100.7']);
  system.addresses[1]?.done(null, ['2001:db8:0:0::0007']);
  assert.deepEqual(answers, ['198.51.100.7 name web1.example.org', '2001:db8::7 name web2.example.org']);
});

test('ReverseDns does not believe a name that belongs to another address, or to none', (t) => {
  const { system, answers, ask } = rig(t);
  for (const address of ['198.51.100.1', '198.51.100.2', '198.51.100.3']) ask(address);
  system.names[0]?.done(null, 'victim.example.org');
  system.addresses[0]?.done(null, ['198.51.100.99']);
  system.names[1]?.done(null, 'victim.example.org');
  system.addresses[1]?.done(failure('ENOTFOUND'), []);
  system.names[2]?.done(null, 'victim.example.org');
  system.addresses[2]?.done(failure('EAI_AGAIN'), []);
  assert.deepEqual(answers, ['198.51.100.1 none', '198.51.100.2 none', '198.51.100.3 unavailable']);
});

test('ReverseDns tells apart that there is no name and that nobody can say; an unsafe name is none', (t) => {
  const { system, answers, ask } = rig(t);
  for (const last of [1, 2, 3]) ask(`198.51.100.${last}`);
  system.names[0]?.done(failure('ENOTFOUND'), '');
  system.names[1]?.done(failure('EAI_AGAIN'), '');
  system.names[2]?.done(null, '127.0.0.1');
  assert.equal(system.addresses.length, 0, 'nothing to be confirmed');
  assert.deepEqual(answers, ['198.51.100.1 none', '198.51.100.2 unavailable', '198.51.100.3 none']);
});

test('ReverseDns keeps two threads busy at most, and refuses further questions while 32 are open', (t) => {
  const { system, answers, ask } = rig(t);
  const taken = Array.from({ length: 40 }, (_, i) => ask(`198.51.100.${i}`));
  assert.equal(taken.filter(Boolean).length, 32);
  assert.deepEqual(
    system.names.map(({ address }) => address),
    ['198.51.100.0', '198.51.100.1'],
  );
  system.names[1]?.done(failure('ENOTFOUND'), '');
  assert.equal(system.names[2]?.address, '198.51.100.2', 'then the next one has its turn');
  system.names[0]?.done(null, 'a.example');
  assert.equal(system.names.length, 3, 'the thread that looks up the name again is the same one');
  system.addresses[0]?.done(null, ['198.51.100.0']);
  assert.equal(system.names.length, 4);
  assert.deepEqual(answers, ['198.51.100.1 none', '198.51.100.0 name a.example']);
  assert.equal(ask('198.51.100.99'), true);
});

test('ReverseDns gives up questions that hang; their threads are not used again until they come back', async (t) => {
  const { system, answers, ask } = rig(t, 1);
  for (const last of [1, 2, 3, 4]) ask(`198.51.100.${last}`);
  await until('all are given up', () => answers.length === 4);
  assert.deepEqual(
    answers.toSorted(),
    [1, 2, 3, 4].map((last) => `198.51.100.${last} unavailable`),
  );
  assert.ok(ask('198.51.100.5'), 'there is room for others');
  await until('which wait in vain', () => answers.length === 5);
  assert.equal(system.names.length, 2);
  system.names[0]?.done(failure('EAI_AGAIN'), '');
  assert.equal(answers.length, 5, 'what was given up is not told twice');
  system.names[1]?.done(null, 'late.example');
  system.addresses[0]?.done(null, ['198.51.100.2']);
  assert.equal(answers[5], '198.51.100.2 name late.example', 'an answer that comes late is one');
  ask('198.51.100.6');
  assert.equal(system.names.length, 3);
});

test('ReverseDns asks and answers nothing after close', (t) => {
  const { system, dns, answers, ask } = rig(t);
  for (const last of [1, 2, 3]) ask(`198.51.100.${last}`);
  dns.close();
  assert.equal(ask('198.51.100.4'), false);
  system.names[0]?.done(null, 'a.example');
  system.names[1]?.done(failure('ENOTFOUND'), '');
  assert.deepEqual([system.names.length, system.addresses.length, answers.length], [2, 0, 0]);
});
