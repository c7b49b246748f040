/**
 * The end of a program that logs: nothing that was logged before it is lost, and it does not hang.
 */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { clientModule, runProgram, startProgram } from '../support/client-program.ts';
import { TestDaemon } from '../support/daemon.ts';
import { LogReceiver, textOf } from '../support/log-receiver.ts';
import { until } from '../support/until.ts';

const COUNT = 300;
const EXPECTED = Array.from({ length: COUNT }, (_, i) => `number ${i}`);

function program(path: string, end: string, options = 'exitMs: 60_000'): string {
  return `
import { SyslogClient } from ${clientModule('index')};
const client = new SyslogClient({ path: ${JSON.stringify(path)}, ident: 'app', ${options} });
for (let i = 0; i < ${COUNT}; i++) client.info('number ' + i);
process.stdout.write('logged\\n');
${end}
`;
}

const ENDS: readonly (readonly [string, string, number])[] = [
  ['process.exit()', 'process.exit(3);', 3],
  ['the end of the event loop', '', 0],
  ['an exception that nobody caught', "throw new Error('on purpose');", 1],
  ['a rejection that nobody caught', "await Promise.reject(new Error('on purpose'));", 1],
];

for (const [name, end, code] of ENDS)
  test(`${name}: what waits is sent first`, async (t) => {
    const dir = TestDaemon.folder(t);
    const receiver = LogReceiver.open(t, `${dir}/log`);
    const running = startProgram(t, dir, program(receiver.path, end));
    await until('all is logged', () => running.stdout() === 'logged\n');
    const found = await receiver.readUntil('all are there', (all) => all.length === COUNT);
    assert.deepEqual(found.map(textOf), EXPECTED);
    assert.equal((await running.ended).code, code);
  });

test('a message from an exit handler that runs later is sent, too', async (t) => {
  const dir = TestDaemon.folder(t);
  const receiver = LogReceiver.open(t, `${dir}/log`);
  const last = "process.on('exit', () => { for (let i = 0; i < 100; i++) client.info('last'); });";
  const running = startProgram(t, dir, program(receiver.path, last));
  const found = await receiver.readUntil('all are there', (all) => all.length === COUNT + 100);
  assert.deepEqual(found.map(textOf), [...EXPECTED, ...Array.from({ length: 100 }, () => 'last')]);
  assert.equal((await running.ended).code, 0);
});

test('a daemon that never reads: the program ends, and says how many are lost', async (t) => {
  const dir = TestDaemon.folder(t);
  const receiver = LogReceiver.open(t, `${dir}/log`);
  const text = program(receiver.path, 'process.exit(3);', 'exitMs: 50');
  const { code, stderr } = await runProgram(t, dir, text);
  const got = receiver.readAll().length;
  assert.deepEqual([code, stderr], [3, `app: ${COUNT - got} messages not sent to ${receiver.path}\n`]);
});

test('no daemon: the program ends, and says how many are lost, dropped ones too', async (t) => {
  const dir = TestDaemon.folder(t);
  const text = program(`${dir}/log`, '', 'exitMs: 50, queueBytes: 2000');
  assert.deepEqual(await runProgram(t, dir, text), {
    code: 0,
    signal: null,
    stdout: 'logged\n',
    stderr: `app: ${COUNT} messages not sent to ${dir}/log\n`,
  });
});

test('a daemon that starts while the program ends gets everything', async (t) => {
  const dir = TestDaemon.folder(t);
  const running = startProgram(t, dir, program(`${dir}/log`, 'process.exit(3);'));
  await until('all is logged', () => running.stdout() === 'logged\n');
  const receiver = LogReceiver.open(t, `${dir}/log`);
  const found = await receiver.readUntil('all are there', (all) => all.length === COUNT);
  assert.deepEqual(found.map(textOf), EXPECTED);
  assert.equal((await running.ended).code, 3);
});

const THREADS = `
import { Worker, isMainThread, workerData } from 'node:worker_threads';
import { fileURLToPath } from 'node:url';
import { SyslogClient, openlog, syslog } from ${clientModule('index')};
`;

for (const [name, end] of [
  ['its end', ''],
  ['process.exit() in it', 'process.exit(0);'],
] as const)
  test(`worker threads have sockets of their own; what waits is sent at ${name}`, async (t) => {
    const dir = TestDaemon.folder(t);
    const receiver = LogReceiver.open(t, `${dir}/log`);
    const text = `${THREADS}
if (isMainThread) {
  for (let n = 0; n < 3; n++) new Worker(fileURLToPath(import.meta.url), { workerData: n });
} else {
  const client = new SyslogClient({ path: ${JSON.stringify(receiver.path)}, ident: 'w' + workerData, exitMs: 60_000 });
  for (let i = 0; i < ${COUNT}; i++) client.info('number ' + i);
  ${end}
}`;
    const running = startProgram(t, dir, text);
    const found = await receiver.readUntil('all are there', (all) => all.length === 3 * COUNT);
    for (let n = 0; n < 3; n++) assert.deepEqual(found.filter((one) => one.includes(` w${n}[`)).map(textOf), EXPECTED);
    const { code, stderr } = await running.ended;
    assert.deepEqual([code, stderr], [0, '']);
  });

test('workers that are terminated while messages wait do no harm to the process', async (t) => {
  const dir = TestDaemon.folder(t);
  const receiver = LogReceiver.open(t, `${dir}/log`);
  const text = `${THREADS}
import { once } from 'node:events';
import { parentPort } from 'node:worker_threads';
if (isMainThread) {
  for (let n = 0; n < 20; n++) {
    const worker = new Worker(fileURLToPath(import.meta.url));
    await once(worker, 'message');
    await worker.terminate();
  }
  process.stdout.write('all terminated\\n');
} else {
  const client = new SyslogClient({ path: ${JSON.stringify(receiver.path)} });
  for (let i = 0; i < ${COUNT}; i++) client.info('number ' + i);
  setTimeout(() => {
    parentPort.postMessage('logged');
    for (;;);
  }, 5);
}`;
  const running = startProgram(t, dir, text);
  const reading = setInterval(() => receiver.readAll(), 1);
  t.after(() => clearInterval(reading));
  const { code, signal, stdout, stderr } = await running.ended;
  assert.deepEqual([code, signal, stdout, stderr], [0, null, 'all terminated\n', '']);
});

test('cluster and fork: every process has its own socket', async (t) => {
  const dir = TestDaemon.folder(t);
  const receiver = LogReceiver.open(t, `${dir}/log`);
  writeFileSync(
    `${dir}/forked.mjs`,
    `import { SyslogClient } from ${clientModule('index')};
new SyslogClient({ path: ${JSON.stringify(receiver.path)} }).info('forked');`,
  );
  const text = `
import cluster from 'node:cluster';
import { fork } from 'node:child_process';
import { SyslogClient } from ${clientModule('index')};
const client = new SyslogClient({ path: ${JSON.stringify(receiver.path)} });
if (cluster.isPrimary) {
  client.info('primary');
  cluster.fork();
  cluster.fork();
  fork(${JSON.stringify(`${dir}/forked.mjs`)});
} else {
  client.info('worker');
  cluster.worker.disconnect();
}`;
  const running = startProgram(t, dir, text);
  const found = await receiver.readUntil('all are there', (all) => all.length === 4);
  assert.deepEqual(found.map(textOf).toSorted(), ['forked', 'primary', 'worker', 'worker']);
  const pids = found.map((one) => /\[(\d+)\]/.exec(one)?.[1]);
  assert.equal(new Set(pids).size, 4);
  assert.equal((await running.ended).code, 0);
});

test('LOG_CONS and cons: the console gets what the daemon does not', async (t) => {
  const dir = TestDaemon.folder(t);
  writeFileSync(`${dir}/console`, '');
  const classic = clientModule('index').replace('index.js', 'classic.js');
  const text = `
import { ClassicLog } from ${classic};
const log = new ClassicLog({ path: ${JSON.stringify(`${dir}/log`)}, consolePath: ${JSON.stringify(`${dir}/console`)} });
log.openlog('app', 3, 8);
log.syslog(6, 'to the console', []);
`;
  const { code, stderr } = await runProgram(t, dir, text);
  assert.deepEqual([code, stderr], [0, '']);
  assert.match(readFileSync(`${dir}/console`, 'utf8'), /^app\[\d+\]: to the console\r\n$/);
});
