/**
 * pino through the client, in the thread that logs and as a transport in a worker.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { clientModule, linkPackages, runProgram, startProgram } from '../support/client-program.ts';
import { TestDaemon } from '../support/daemon.ts';
import { LogReceiver, textOf } from '../support/log-receiver.ts';
import { until } from '../support/until.ts';

type Way = 'in the thread' | 'in a worker';
const WAYS: readonly Way[] = ['in the thread', 'in a worker'];
const COUNT = 300;

/** A program with `logger`, and `destination` in the thread. */
function program(dir: string, way: Way, options: string, body: string): string {
  linkPackages(dir);
  const given = `{ path: ${JSON.stringify(`${dir}/log`)}, ident: 'app', pid: 7, exitMs: 60_000, ${options} }`;
  const base = "{ level: 'trace', base: null }";
  const make =
    way === 'in the thread'
      ? `const destination = pinoDestination(${given}); const logger = pino(${base}, destination);`
      : `const logger = pino({ ...${base}, transport: { target: ${clientModule('pino/pino')}, options: ${given} } });`;
  return `
import { pino } from 'pino';
import { pinoDestination } from ${clientModule('pino/pino')};
${make}
${body}
`;
}

function field(line: string, name: string): unknown {
  const record: unknown = JSON.parse(line);
  assert.ok(typeof record === 'object' && record !== null);
  return new Map<string, unknown>(Object.entries(record)).get(name);
}

for (const way of WAYS) {
  test(`pino ${way}: levels, and lines of JSON`, async (t) => {
    const dir = TestDaemon.folder(t);
    const receiver = LogReceiver.open(t, `${dir}/log`);
    const body =
      "for (const level of ['trace', 'debug', 'info', 'warn', 'error', 'fatal']) logger[level]({ a: 'ü' }, level);";
    const running = startProgram(t, dir, program(dir, way, "facility: 'daemon'", body));
    const found = await receiver.readUntil('all are there', (all) => all.length === 6);
    assert.deepEqual(
      found.map((one) => /^<(\d+)>/.exec(one)?.[1]),
      ['31', '31', '30', '28', '27', '26'],
    );
    const lines = found.map((one) => /^<\d+>.{15} app\[7\]: (.*)$/.exec(one)?.[1] ?? '');
    assert.deepEqual(
      lines.map((line) => field(line, 'msg')),
      ['trace', 'debug', 'info', 'warn', 'error', 'fatal'],
    );
    assert.deepEqual(
      lines.map((line) => field(line, 'a')),
      Array.from({ length: 6 }, () => 'ü'),
    );
    const { code, stderr } = await running.ended;
    assert.deepEqual([code, stderr], [0, '']);
  });

  test(`pino ${way}: structured data, own levels, time of the record`, async (t) => {
    const dir = TestDaemon.folder(t);
    const receiver = LogReceiver.open(t, `${dir}/log`);
    const body = "logger.child({ part: 'x' }).warn({ n: 5, o: { p: 'q' }, time: 0 }, 'said'); logger.info('plain');";
    const options = "fields: 'sd', levels: { 40: 'alert' }";
    const running = startProgram(t, dir, program(dir, way, options, body));
    const [first = '', second = ''] = await receiver.readUntil('both are there', (all) => all.length === 2);
    assert.match(
      first,
      /^<9>1 19(?:70|69)-\S+ \S+ app 7 - \[fields@32473 part="x" n="5" o="{\\"p\\":\\"q\\"}"\] said$/,
    );
    assert.match(second, /^<14>.{15} app\[7\]: plain$/);
    assert.equal((await running.ended).code, 0);
  });

  test(`pino ${way}: the message alone`, async (t) => {
    const dir = TestDaemon.folder(t);
    const receiver = LogReceiver.open(t, `${dir}/log`);
    const running = startProgram(t, dir, program(dir, way, "fields: 'none'", "logger.info({ a: 1 }, 'said\\ntwice');"));
    const [found = ''] = await receiver.readUntil('it is there', (all) => all.length === 1);
    assert.equal(textOf(found), 'said twice');
    assert.equal((await running.ended).code, 0);
  });

  for (const [end, code] of [
    ["logger.fatal('last'); process.exit(3);", 3],
    ["logger.info('last'); process.exit(3);", 3],
    ["logger.info('last'); throw new Error('on purpose');", 1],
    ["logger.info('last');", 0],
  ] as const)
    test(`pino ${way}, a full queue: nothing is lost by ${end}`, async (t) => {
      const dir = TestDaemon.folder(t);
      const receiver = LogReceiver.open(t, `${dir}/log`);
      const body = `for (let i = 0; i < ${COUNT}; i++) logger.info('number ' + i);\n${end}`;
      const running = startProgram(t, dir, program(dir, way, "fields: 'none'", body));
      const found = await receiver.readUntil('all are there', (all) => all.length === COUNT + 1);
      assert.deepEqual(found.map(textOf), [...Array.from({ length: COUNT }, (_, i) => `number ${i}`), 'last']);
      assert.equal((await running.ended).code, code);
    });

  test(`pino ${way}: the daemon is gone for a while`, async (t) => {
    const dir = TestDaemon.folder(t);
    const first = LogReceiver.open(t, `${dir}/log`);
    const body = `
let number = 0;
process.stdin.on('data', () => { logger.info('number ' + number++); process.stdout.write('.'); });
process.stdin.on('end', () => process.exit(0));
logger.info('ready');`;
    const running = startProgram(t, dir, program(dir, way, "fields: 'none'", body));
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

  test(`pino ${way}: no daemon at all, the program ends`, async (t) => {
    const dir = TestDaemon.folder(t);
    const text = program(dir, way, '', "logger.info('x');").replace('60_000', '50');
    const { code, stderr } = await runProgram(t, dir, text);
    assert.deepEqual([code, stderr], [0, `app: 1 message not sent to ${dir}/log\n`]);
  });
}

test('pino in the thread: options that are wrong are TypeErrors', async () => {
  const { pinoDestination } = await import('../../src/client/pino/pino.ts');
  const open = (options: unknown): unknown => Reflect.apply(pinoDestination, null, [options]);
  assert.throws(
    () => open({ fields: 'all' }),
    /^TypeError: cannot use fields: expected json or sd or none, found "all"$/,
  );
  assert.throws(
    () => open({ levels: { 30: 'loud' } }),
    /^TypeError: cannot use levels.30: expected one of emerg, .*, found "loud"$/,
  );
  assert.throws(
    () => open({ levels: 5 }),
    /^TypeError: cannot use levels: expected levels of syslog by numbers, found 5$/,
  );
  assert.throws(() => open({ path: 5 }), /^TypeError: cannot use path/);
});

test('pino takes a destination as its only argument', async (t) => {
  const { pino } = await import('pino');
  const { pinoDestination } = await import('../../src/client/pino/pino.ts');
  const receiver = LogReceiver.open(t, `${TestDaemon.folder(t)}/log`);
  pino(pinoDestination({ path: receiver.path, fields: 'none' })).info('said');
  assert.deepEqual(receiver.readAll().map(textOf), ['said']);
});

test('a line that is no record of pino is sent as it is', async (t) => {
  const { pinoDestination } = await import('../../src/client/pino/pino.ts');
  const receiver = LogReceiver.open(t, `${TestDaemon.folder(t)}/log`);
  const destination = pinoDestination({ path: receiver.path });
  for (const line of ['plain\n', '[1]', '{"level":"x"}', '{"level":5}', '{"level":99,"time":"x"}'])
    destination.write(line);
  const found = receiver.readAll();
  assert.deepEqual(found.map(textOf), ['plain', '[1]', '{"level":"x"}', '{"level":5}', '{"level":99,"time":"x"}']);
  assert.deepEqual(
    found.map((one) => /^<(\d+)>/.exec(one)?.[1]),
    ['14', '14', '14', '15', '10'],
  );
});
