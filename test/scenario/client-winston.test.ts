/**
 * winston through the client.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createLogger, format, type Logger } from 'winston';
import { SyslogTransport, type WinstonOptions } from '../../src/client/winston/winston.ts';
import { clientModule, linkPackages, runProgram, startProgram } from '../support/client-program.ts';
import { TestDaemon } from '../support/daemon.ts';
import { LogReceiver, textOf } from '../support/log-receiver.ts';
import { until } from '../support/until.ts';

const COUNT = 300;
const NUMBERS = Array.from({ length: COUNT }, (_, i) => `number ${i}`);

interface Rig {
  readonly logger: Logger;
  readonly receiver: LogReceiver;
}

function rig(t: import('node:test').TestContext, options: WinstonOptions = {}, level = 'silly'): Rig {
  const receiver = LogReceiver.open(t, `${TestDaemon.folder(t)}/log`);
  const transport = new SyslogTransport({ path: receiver.path, ident: 'app', pid: 7, ...options });
  return { logger: createLogger({ level, transports: [transport] }), receiver };
}

function pris(messages: readonly string[]): number[] {
  return messages.map((one) => Number(/^<(\d+)>/.exec(one)?.[1]));
}

test('levels of npm', (t) => {
  const { logger, receiver } = rig(t, { facility: 'daemon' });
  for (const level of ['error', 'warn', 'info', 'http', 'verbose', 'debug', 'silly']) logger.log(level, level);
  const found = receiver.readAll();
  assert.deepEqual(pris(found), [27, 28, 30, 30, 31, 31, 31]);
  assert.match(found[0] ?? '', /^<27>.{15} app\[7\]: \{"level":"error","message":"error"\}$/);
});

test('levels of the logger, of the transport, and their own', (t) => {
  const receiver = LogReceiver.open(t, `${TestDaemon.folder(t)}/log`);
  const levels = { urgent: 0, normal: 1, idle: 2 };
  const transport = new SyslogTransport({ path: receiver.path, levels: { urgent: 'crit', normal: 'notice' } });
  const logger = createLogger({ level: 'normal', levels, transports: [transport] });
  for (const level of Object.keys(levels)) logger.log(level, level);
  assert.deepEqual(pris(receiver.readAll()), [10, 13]);
  transport.level = 'urgent';
  for (const level of Object.keys(levels)) logger.log(level, level);
  assert.deepEqual(pris(receiver.readAll()), [10]);
  transport.level = 'idle';
  logger.level = 'idle';
  logger.log('idle', 'a level without a name in syslog');
  assert.deepEqual(pris(receiver.readAll()), [13]);
  transport.silent = true;
  logger.log('urgent', 'x');
  assert.deepEqual(receiver.readAll(), []);
});

test('formats of the logger and of the transport', (t) => {
  const { logger, receiver } = rig(t, { format: format.printf(({ message }) => `own: ${String(message)}`) });
  logger.info('said');
  assert.deepEqual(receiver.readAll().map(textOf), ['own: said']);
  logger.clear();
  logger.add(new SyslogTransport({ path: receiver.path }));
  logger.format = format.combine(format.splat(), format.simple());
  logger.info('said %d', 5);
  assert.deepEqual(receiver.readAll().map(textOf), ['info: said 5']);
});

test('a format that drops a record', (t) => {
  const { logger, receiver } = rig(t, { format: format((info) => (info.message === 'no' ? false : info))() });
  logger.info('no');
  logger.info('yes');
  assert.equal(receiver.readAll().length, 1);
});

test('structured data and message ids', (t) => {
  const { logger, receiver } = rig(t, { fields: 'sd' });
  logger.info({ message: 'said', n: 5, msgid: 'M', sd: { 'a@1': { b: 'c', d: 6 } } });
  const [found = ''] = receiver.readAll();
  assert.match(found, /^<14>1 \S+ \S+ app 7 M \[fields@32473 n="5"\]\[a@1 b="c" d="6"\] said$/);
});

test('the message alone', (t) => {
  const { logger, receiver } = rig(t, { fields: 'none' });
  logger.info('said', { n: 5 });
  assert.deepEqual(receiver.readAll().map(textOf), ['said']);
});

test('`logged` is emitted, and the end of the logger closes the client', async (t) => {
  const receiver = LogReceiver.open(t, `${TestDaemon.folder(t)}/log`);
  const transport = new SyslogTransport({ path: receiver.path, fields: 'none', exitMs: 60_000 });
  const logger = createLogger({ transports: [transport] });
  const logged = new Promise((resolve) => transport.once('logged', resolve));
  for (const text of NUMBERS) logger.info(text);
  await logged;
  const finished = new Promise((resolve) => transport.once('finish', resolve));
  logger.end();
  const found = await receiver.readUntil('all are there', (all) => all.length === COUNT);
  assert.deepEqual(found.map(textOf), NUMBERS);
  await finished;
  assert.equal(transport.client.transport, 'none');
});

const WRONG: readonly (readonly [object, RegExp])[] = [
  [{ fields: 'all' }, /^TypeError: cannot use fields: expected json or sd or none, found "all"$/],
  [{ levels: { info: 'loud' } }, /^TypeError: cannot use levels.info: expected one of emerg, .*, found "loud"$/],
  [{ levels: 5 }, /^TypeError: cannot use levels: expected levels of syslog by names, found 5$/],
  [{ level: 5 }, /^TypeError: cannot use level: expected a level of the logger, found 5$/],
  [{ format: 'json' }, /^TypeError: cannot use format/],
  [{ path: 5 }, /^TypeError: cannot use path/],
];

for (const [options, expected] of WRONG)
  test(`wrong options are TypeErrors: ${JSON.stringify(options)}`, () => {
    assert.throws(() => Reflect.construct(SyslogTransport, [options]), expected);
  });

/** A program with `logger`. */
function program(dir: string, body: string, exitMs = 60_000): string {
  linkPackages(dir);
  return `
import winston from 'winston';
import { SyslogTransport } from ${clientModule('winston/winston')};
const options = { path: ${JSON.stringify(`${dir}/log`)}, ident: 'app', fields: 'none', handleExceptions: true, exitMs: ${exitMs} };
const logger = winston.createLogger({ transports: [new SyslogTransport(options)] });
${body}
`;
}

for (const [end, code, last] of [
  ["logger.error('last'); process.exit(3);", 3, /^last$/],
  ["logger.error('last');", 0, /^last$/],
  ["setImmediate(() => { throw new Error('on purpose'); });", 1, /^uncaughtException: on purpose/],
] as const)
  test(`a full queue: nothing is lost by ${end}`, async (t) => {
    const dir = TestDaemon.folder(t);
    const receiver = LogReceiver.open(t, `${dir}/log`);
    const body = `for (let i = 0; i < ${COUNT}; i++) logger.info('number ' + i);\n${end}`;
    const running = startProgram(t, dir, program(dir, body));
    const found = await receiver.readUntil('all are there', (all) => all.length === COUNT + 1);
    assert.deepEqual(found.slice(0, -1).map(textOf), NUMBERS);
    assert.match(textOf(found.at(-1) ?? ''), last);
    assert.equal((await running.ended).code, code);
  });

test('the daemon is gone for a while', async (t) => {
  const dir = TestDaemon.folder(t);
  const first = LogReceiver.open(t, `${dir}/log`);
  const body = `
let number = 0;
process.stdin.on('data', () => { logger.info('number ' + number++); process.stdout.write('.'); });
process.stdin.on('end', () => process.exit(0));
logger.info('ready');`;
  const running = startProgram(t, dir, program(dir, body));
  await first.readUntil('it is ready', (all) => all.length === 1);
  first.close();
  for (let i = 0; i < 3; i++) {
    running.child.stdin?.write('.');
    await until('it has logged', () => running.stdout().length === i + 1);
  }
  const second = LogReceiver.open(t, `${dir}/log`);
  const found = await second.readUntil('all are there', (all) => all.length === 3);
  assert.deepEqual(found.map(textOf), ['number 0', 'number 1', 'number 2']);
  running.child.stdin?.end();
  assert.equal((await running.ended).code, 0);
});

test('no daemon at all, the program ends', async (t) => {
  const dir = TestDaemon.folder(t);
  const { code, stderr } = await runProgram(t, dir, program(dir, "logger.info('x');", 50));
  assert.deepEqual([code, stderr], [0, `app: 1 message not sent to ${dir}/log\n`]);
});
