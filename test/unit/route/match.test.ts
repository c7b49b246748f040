/**
 * The compiled table against an interpreter of the text: all priorities × programs × hosts × blocks; and by hand
 * what blocks promise.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type NaiveMessage, naiveRoute } from '../../support/route-naive.ts';
import { OWN_HOST, RouteRig } from '../../support/route-rig.ts';

const PLAIN: NaiveMessage = { facility: 1, severity: 5, tag: '', host: 'h', text: '', msgId: '', sd: '' };

function message(fields: Partial<NaiveMessage>): NaiveMessage {
  return { ...PLAIN, ...fields };
}

function checkAll(text: string, messages: readonly Partial<NaiveMessage>[]): void {
  const rig = new RouteRig(text);
  for (let pri = 0; pri < 200; pri++) {
    for (const fields of messages) {
      const asked = message({ facility: Math.floor(pri / 8), severity: pri % 8, ...fields });
      const wanted = naiveRoute(text, asked, OWN_HOST);
      const given = rig.route(asked);
      if (given.join(' ') !== wanted.join(' ')) assert.deepEqual(given, wanted, JSON.stringify(asked));
    }
  }
}

const SELECTORS: readonly string[] = [
  '*.*',
  '*.info;mail.none;authpriv.none;cron.none',
  'kern.<=err;*.!=info',
  'mail,news.=crit;local0.<>debug',
  '*.!none;user.!<notice',
  'mark.*',
  '0.0;184.7',
  'auth.>warn;*.=debug;auth.!=debug',
];

test('without blocks all 200 priorities go where the interpreter sends them', () => {
  for (const a of SELECTORS) {
    for (const b of SELECTORS) checkAll(`${a} /1\n${b} /2\n*.emerg /1\n${a} /3\n${b} /2`, [{}]);
  }
});

const PROGRAMS = ['', 'a', 'A', 'foo', 'foobar', 'fo', 'oo', 'é'];
const HOSTS = ['', 'h', 'H', 'own', 'OWN', 'host', 'hos', 'h.example'];
const PROGRAM_BLOCKS = ['!*', '!foo', '!a,foo', '!foobar,foo', '!-foo', '!-a,foobar,é', '!!foo', '!!-a'];
const HOST_BLOCKS = ['+*', '+h', '+H.Example,hOST', '+@', '-h,@', '++own', '-host'];
const PROPERTY_BLOCKS = [
  ':*',
  ':msg, contains, "err"',
  ':programname, !isequal, "foo"',
  ':hostname, icase_startswith, "H"',
];

test('all blocks × programs × hosts × priorities go where the interpreter sends them', () => {
  const messages = PROGRAMS.flatMap((tag) => HOSTS.map((host) => ({ tag, host, text: tag === 'a' ? 'an error' : '' })));
  let turn = 0;
  for (const program of PROGRAM_BLOCKS) {
    for (const host of HOST_BLOCKS) {
      for (const property of PROPERTY_BLOCKS) {
        const text = `*.err /0\n${program}\nmail.* /1\n*.info /2\n${host}\n${property}\n*.=debug;kern.* /1\n*.notice /3\n!*\nuser.* /4\n+*\n:*\n*.crit /5`;
        // A fifth of the messages each time, every one with every block of each kind.
        turn++;
        checkAll(
          text,
          messages.filter((_, idx) => (idx + turn) % 5 === 0),
        );
      }
    }
  }
});

test('include lists match whole names only, excluded ones too', () => {
  const rig = new RouteRig('!foobar,foo\n*.* /in\n!-foobar,foo\n*.* /out');
  for (const [tag, to] of [
    ['foo', '/in'],
    ['foobar', '/in'],
    ['fooba', '/out'],
    ['foobar,foo', '/out'],
    ['', '/out'],
  ] as const) {
    assert.deepEqual(rig.route(message({ tag })), [to], tag);
  }
});

test('program names differ in case, host names do not', () => {
  const rig = new RouteRig('!foo\n*.* /p\n!*\n+Alpha\n*.* /h');
  assert.deepEqual(rig.route(message({ tag: 'Foo', host: 'aLPHA' })), ['/h']);
  assert.deepEqual(rig.route(message({ tag: 'foo', host: 'alph' })), ['/p']);
});

test('a destination selected by two rules gets the message once, at the place of the first', () => {
  const rig = new RouteRig('*.* /b\n!foo\n*.* /a\n*.* /b\n!*\n*.* /a');
  assert.deepEqual(rig.route(message({ tag: 'foo' })), ['/b', '/a']);
});

test('after a quick match no later rule is looked at, without one they are', () => {
  const rig = new RouteRig('*.* /1\n!!foo\nmail.* /2\nmail.* /3\n!*\n*.* /4');
  assert.deepEqual(rig.route(message({ tag: 'foo', facility: 2 })), ['/1', '/2']);
  assert.deepEqual(rig.route(message({ tag: 'foo', facility: 3 })), ['/1', '/4']);
  assert.deepEqual(rig.route(message({ tag: 'bar', facility: 2 })), ['/1', '/4']);
});

test('a quick match counts although its destination has the message already', () => {
  const rig = new RouteRig('*.* /1\n++h\n*.* /1\n+*\n*.* /2');
  assert.deepEqual(rig.route(message({ host: 'h' })), ['/1']);
  assert.deepEqual(rig.route(message({ host: 'x' })), ['/1', '/2']);
});

test('a priority beyond the table goes nowhere', () => {
  assert.deepEqual(new RouteRig('*.* /1').route(message({ facility: 31, severity: 7 })), []);
});

test('a table without rules sends nothing', () => assert.deepEqual(new RouteRig('').route(message({})), []));

test('notes of earlier matches do not leak when stamps begin anew', () => {
  const rig = new RouteRig('!foo\n*.* /1\n:msg, contains, "x"\n*.* /2');
  rig.table.notes.stamp = 0x7fffffff - 2;
  for (let round = 0; round < 6; round++) {
    assert.deepEqual(rig.route(message({ tag: 'foo', text: 'axb' })), ['/1', '/2']);
    assert.deepEqual(rig.route(message({ tag: 'foo', text: 'ab' })), ['/1']);
  }
  assert.ok(rig.table.notes.stamp < 20);
});

test('thousands of blocks find the right one', () => {
  const blocks = Array.from(
    { length: 5000 },
    (_, idx) => `!prog${idx}\n*.* /p${idx}\n!*\n+host${idx}\n*.info /h${idx}\n+*`,
  );
  const rig = new RouteRig(`${blocks.join('\n')}\n*.* /all`);
  for (const idx of [0, 1, 77, 2500, 4999]) {
    assert.deepEqual(rig.route(message({ tag: `prog${idx}`, host: `HOST${idx}` })), [`/p${idx}`, `/h${idx}`, '/all']);
  }
  assert.deepEqual(rig.route(message({ tag: 'prog5000', host: 'host' })), ['/all']);
});
