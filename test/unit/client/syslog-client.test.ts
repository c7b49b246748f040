/**
 * The bytes of SyslogClient, its options, and what it makes of messages that no syslog can carry.
 */
import assert from 'node:assert/strict';
import { hostname } from 'node:os';
import { test, type TestContext } from 'node:test';
import { type ClientOptions, type Message, SyslogClient } from '../../../src/client/index.ts';
import { TestDaemon } from '../../support/daemon.ts';
import { LogReceiver } from '../../support/log-receiver.ts';

interface Pair {
  readonly client: SyslogClient;
  readonly receiver: LogReceiver;
}

function open(t: TestContext, options: ClientOptions = {}): Pair {
  const path = `${TestDaemon.folder(t)}/log`;
  const receiver = LogReceiver.open(t, path);
  return { client: new SyslogClient({ ident: 'app', pid: 7, path, ...options }), receiver };
}

/** Fixed, so that bytes can be compared. */
const TIME = new Date(2026, 10, 8, 9, 5, 4, 30);
const STAMP = 'Nov  8 09:05:04';

function sent(t: TestContext, message: Partial<Message>, options: ClientOptions = {}): string[] {
  const { client, receiver } = open(t, options);
  client.log({ level: 'info', text: 'hello', time: TIME, ...message });
  return receiver.readAll();
}

const TRADITIONAL: readonly (readonly [string, Partial<Message>, ClientOptions, readonly string[]])[] = [
  ['plain', {}, {}, [`<14>${STAMP} app[7]: hello`]],
  ['level and facility', { level: 'emerg', facility: 'local7' }, {}, [`<184>${STAMP} app[7]: hello`]],
  ['facility of the client', { level: 'warning' }, { facility: 'daemon' }, [`<28>${STAMP} app[7]: hello`]],
  ['no pid', {}, { pid: false }, [`<14>${STAMP} app: hello`]],
  ['its own pid', {}, { pid: true }, [`<14>${STAMP} app[${process.pid}]: hello`]],
  ['no text', { text: '' }, {}, [`<14>${STAMP} app[7]: `]],
  ['UTF-8', { text: 'Grüße 🎉 Ende' }, {}, [`<14>${STAMP} app[7]: Grüße 🎉 Ende`]],
  ['half a surrogate pair', { text: 'a\ud83cb' }, {}, [`<14>${STAMP} app[7]: a\ufffdb`]],
  ['NUL', { text: 'a\0b é\0' }, {}, [`<14>${STAMP} app[7]: a b é `]],
  ['newlines', { text: '\na\nb é\nc\n\n' }, {}, [`<14>${STAMP} app[7]:  a b é c`]],
  ['lines', { text: 'a\n\nb\n' }, { newline: 'split' }, ['a', '', 'b'].map((line) => `<14>${STAMP} app[7]: ${line}`)],
  ['characters that end a tag', {}, { ident: 'my app[1]:ü' }, [`<14>${STAMP} my_app_1___[7]: hello`]],
  ['a tag of 10,000 bytes', {}, { ident: 'x'.repeat(10_000) }, [`<14>${STAMP} ${'x'.repeat(48)}[7]: hello`]],
];

for (const [name, message, options, expected] of TRADITIONAL)
  test(`traditional: ${name}`, (t) => assert.deepEqual(sent(t, message, options), expected));

/** `2026-11-08T09:05:04.030+01:00` of the zone of this process. */
function isoTime(): string {
  const east = -TIME.getTimezoneOffset();
  const two = (value: number): string => String(Math.floor(Math.abs(value))).padStart(2, '0');
  return `2026-11-08T09:05:04.030${east < 0 ? '-' : '+'}${two(east / 60)}:${two(east % 60)}`;
}

const HEAD = `1 ${isoTime()} ${hostname()} app 7`;
const STRUCTURED: readonly (readonly [string, Partial<Message>, ClientOptions, string])[] = [
  ['structured data', { sd: { 'a@1': { b: 'c' } } }, {}, `<14>${HEAD} - [a@1 b="c"] hello`],
  ['message id', { msgid: 'LOGIN' }, {}, `<14>${HEAD} LOGIN - hello`],
  ['no structured data, where RFC 5424 is asked for', {}, { format: 'rfc5424' }, `<14>${HEAD} - - hello`],
  ['elements', { sd: { 'a@1': {}, 'b@2': { c: '1', d: '2' } } }, {}, `<14>${HEAD} - [a@1][b@2 c="1" d="2"] hello`],
  ['escapes', { sd: { 'a@1': { b: String.raw`"]\ü` } } }, {}, `<14>${HEAD} - [a@1 b="\\"\\]\\\\ü"] hello`],
  ['newline in a value', { sd: { 'a@1': { b: 'x\ny' } } }, {}, `<14>${HEAD} - [a@1 b="x y"] hello`],
  ['names that are none', { sd: { 'a b="]': { '': '1' } } }, {}, `<14>${HEAD} - [a_b___ _="1"] hello`],
  ['long names', { sd: { ['n'.repeat(40)]: {} } }, {}, `<14>${HEAD} - [${'n'.repeat(32)}] hello`],
  [
    'a message id with blanks, too long',
    { msgid: 'a b'.repeat(20) },
    {},
    `<14>${HEAD} ${'a_b'.repeat(20).slice(0, 32)} - hello`,
  ],
];

for (const [name, message, options, expected] of STRUCTURED)
  test(`RFC 5424: ${name}`, (t) => assert.deepEqual(sent(t, message, options), [expected]));

test('RFC 3164 where it is asked for: structured data is left out', (t) => {
  assert.deepEqual(sent(t, { sd: { 'a@1': { b: 'c' } }, msgid: 'M' }, { format: 'rfc3164' }), [
    `<14>${STAMP} app[7]: hello`,
  ]);
});

test('a message is cut between two characters, and counted', (t) => {
  const head = `<14>${STAMP} app[7]: `;
  for (let ascii = 0; ascii < 4; ascii++) {
    const { client, receiver } = open(t, { maxBytes: 480 });
    client.log({ level: 'info', time: TIME, text: `${'x'.repeat(ascii)}${'🎉'.repeat(400)}` });
    client.log({ level: 'info', time: TIME, text: 'short' });
    const [cut = '', short] = receiver.readAll();
    assert.ok(cut.startsWith(`${head}${'x'.repeat(ascii)}🎉`) && cut.endsWith('🎉'), cut);
    const bytes = Buffer.byteLength(cut);
    assert.ok(bytes > 476 && bytes <= 480, `${bytes}`);
    assert.equal(short, `${head}short`);
    assert.equal(client.counters.cut, 1);
  }
});

test('each level has its method', (t) => {
  const { client, receiver } = open(t);
  client.emerg('x');
  client.alert('x');
  client.crit('x');
  client.err('x');
  client.warning('x');
  client.notice('x');
  client.info('x');
  assert.equal(client.debug('x'), true);
  const pris = receiver.readAll().map((message) => /^<(\d+)>/.exec(message)?.[1]);
  assert.deepEqual(pris, ['8', '9', '10', '11', '12', '13', '14', '15']);
});

test('the time is now, unless it is given', (t) => {
  const { client, receiver } = open(t, { format: 'rfc5424' });
  const before = Date.now();
  client.info('x');
  client.log({ level: 'info', text: 'x', time: new Date(Number.NaN) });
  const after = Date.now();
  for (const message of receiver.readAll()) {
    const told = Date.parse(message.split(' ')[1] ?? '');
    assert.ok(told >= before && told <= after, message);
  }
});

/** As a program without types may call it. */
function logAnything(client: SyslogClient, message: unknown): unknown {
  const log: unknown = Reflect.get(client, 'log');
  assert.ok(typeof log === 'function');
  return Reflect.apply(log, client, [message]);
}

const WRONG_MESSAGES: readonly (readonly [string, unknown, RegExp])[] = [
  ['an unknown level', { level: 'loud', text: 'x' }, /^<13>.*: x$/],
  ['no level', { text: 'x' }, /^<13>.*: x$/],
  ['an unknown facility', { level: 'err', facility: 'mark', text: 'x' }, /^<11>.*: x$/],
  ['no text', { level: 'err' }, /^<11>.*: undefined$/],
  ['a number as text', { level: 'err', text: 5 }, /^<11>.*: 5$/],
  ['text without a string', { level: 'err', text: { __proto__: null } }, /^<11>.*: \[object Object\]$/],
  ['structured data that is a text', { level: 'err', text: 'x', sd: 'ab' }, /^<11>1 .* x$/],
  ['structured data that is null inside', { level: 'err', text: 'x', sd: { a: null } }, /^<11>1 .* - x$/],
  ['a value that is no text', { level: 'err', text: 'x', sd: { a: { b: 5 } } }, /^<11>1 .* \[a b="5"\] x$/],
];

for (const [name, message, expected] of WRONG_MESSAGES)
  test(`never throws: ${name}`, (t) => {
    const { client, receiver } = open(t);
    assert.equal(logAnything(client, message), true);
    assert.match(receiver.read() ?? '', expected);
  });

const WRONG_OPTIONS: readonly (readonly [string, unknown, RegExp])[] = [
  ['ident', 5, /^cannot use ident: expected a name, found 5$/],
  ['ident', '', /^cannot use ident: expected a name, found ""$/],
  ['pid', 'x', /^cannot use pid: expected true, false or a number, found "x"$/],
  ['pid', -1, /^cannot use pid: expected a whole number from 0 to 4194304, found -1$/],
  ['facility', 'mark', /^cannot use facility: expected one of kern, user, .*, local7, found "mark"$/],
  ['path', '', /^cannot use path: expected the path of a socket, found ""$/],
  ['path', 'a\0b', /^cannot use path: expected the path of a socket, found "a\\u0000b"$/],
  ['udpPort', 0, /^cannot use udpPort: expected a whole number from 1 to 65535, found 0$/],
  ['format', 'json', /^cannot use format: expected rfc3164 or rfc5424, found "json"$/],
  ['maxBytes', 100, /^cannot use maxBytes: expected a whole number from 480 to \d+, found 100$/],
  ['queueBytes', 1.5, /^cannot use queueBytes: expected a whole number from 0 to \d+, found 1.5$/],
  ['exitMs', '1', /^cannot use exitMs: expected a whole number from 0 to \d+, found "1"$/],
  ['newline', 'keep', /^cannot use newline: expected blank or split, found "keep"$/],
  ['cons', 1, /^cannot use cons: expected true or false, found 1$/],
  ['perror', 'yes', /^cannot use perror: expected true or false, found "yes"$/],
  ['onLoss', {}, /^cannot use onLoss: expected a function, found object$/],
];

for (const [name, value, expected] of WRONG_OPTIONS)
  test(`option ${name}: ${JSON.stringify(value)} is a TypeError that says what was expected`, () => {
    const options: object = { [name]: value };
    assert.throws(
      () => new SyslogClient(options),
      (error) => error instanceof TypeError && expected.test(error.message),
    );
  });

test('options: no object is a TypeError', () => {
  const make = (options: unknown): unknown => Reflect.construct(SyslogClient, [options]);
  assert.throws(() => make('x'), /^TypeError: cannot use options: expected an object, found "x"$/);
  assert.throws(() => make(null), TypeError);
});
