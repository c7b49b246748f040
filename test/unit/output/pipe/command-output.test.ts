/** A command that works, dies, hangs or is slow: started late, restarted with pauses, ended in time, never waited for. */
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { test, type TestContext } from 'node:test';
import { CommandOutput } from '../../../../src/output/pipe/command-output.ts';
import { cleanUp, TestDaemon } from '../../../support/daemon.ts';
import { inMs, type OutputRig, outputRig } from '../../../support/output-rig.ts';
import { until } from '../../../support/until.ts';

/** For what ends by itself, however slow the machine is. */
const AMPLE_MS = 60_000;

interface Rig extends OutputRig {
  readonly dir: string;
  readonly read: (name: string) => string;
  /** `DIR` stands for the folder. */
  readonly create: (command: string) => CommandOutput;
}

function rig(t: TestContext): Rig {
  const dir = TestDaemon.folder(t);
  const base = outputRig(t);
  const read = (name: string): string => (existsSync(`${dir}/${name}`) ? readFileSync(`${dir}/${name}`, 'utf8') : '');
  return {
    ...base,
    dir,
    read,
    create(command) {
      const output = new CommandOutput({ command: command.replaceAll('DIR', dir) }, base.services);
      cleanUp(t, () => output.close(inMs(0)));
      return output;
    },
  };
}

function alive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return !/^State:\s*Z/m.test(readFileSync(`/proc/${pid}/status`, 'latin1'));
  } catch {
    return false;
  }
}

const numbered = (count: number): string[] => Array.from({ length: count }, (_, i) => `${i} ${'x'.repeat(80)}`);
const text = (records: readonly string[]): string => records.map((record) => `${record}\n`).join('');

test('the command is started by the first record, not before', async (t) => {
  const { create, send, read } = rig(t);
  const output = create('echo started >> DIR/starts; cat >> DIR/out');
  assert.equal(await output.open(), null);
  output.flush(performance.now());
  send(output, 'one');
  await until('it is written', () => read('out') === 'one\n');
  send(output, 'two');
  await until('it is written', () => read('out') === 'one\ntwo\n');
  assert.equal(await output.close(inMs(AMPLE_MS)), 0);
  assert.equal(read('starts'), 'started\n');
});

test('it runs in a session of its own, with a pipe, no output, and no other descriptor', async (t) => {
  const { create, send, read, reports } = rig(t);
  const output = create(
    'readlink /proc/$$/fd/1 | tee DIR/stdout; ls -l /proc/self/fd > DIR/fds; ps -o sid=,pid= -p $$ > DIR/ids; echo noise; echo noise >&2; cat',
  );
  await output.open();
  send(output, 'one');
  assert.equal(await output.close(inMs(AMPLE_MS)), 0);
  const [sid, pid] = read('ids').trim().split(/\s+/);
  assert.equal(sid, pid);
  const open = read('fds')
    .split('\n')
    .flatMap((line) => /(\d+) -> (.*)$/.exec(line)?.slice(1, 3).join(' ') ?? []);
  assert.match(open[0] ?? '', /^0 pipe:/);
  assert.equal(read('stdout'), '/dev/null\n');
  assert.equal(open[2], '2 /dev/null');
  // 1 is its file, 3 the directory that it reads.
  assert.equal(open.length, 4, open.join(', '));
  assert.match(reports.join('\n'), /exited with status 0$/);
});

test('all records arrive in their order, at the end too', async (t) => {
  const { create, send, read, reports } = rig(t);
  const output = create('cat > DIR/out');
  await output.open();
  const records = numbered(50_000);
  for (let i = 0; i < records.length; i += 500) {
    assert.ok(send(output, ...records.slice(i, i + 500)));
    await new Promise((resolve) => setImmediate(resolve));
  }
  assert.equal(await output.close(inMs(AMPLE_MS)), 0);
  assert.equal(read('out'), text(records));
  assert.match(reports.join('\n'), /^command "cat > .*" \(pid \d+\) exited with status 0$/);
});

test('a command that dies at once is told once, and tried again after growing pauses', async (t) => {
  const { create, send, read, reports } = rig(t);
  const output = create('date +%s%N >> DIR/starts; exit 3');
  await output.open();
  send(output, 'one');
  await until('it was started three times', () => read('starts').split('\n').length === 4);
  const [first = 0, second = 0, third = 0] = read('starts')
    .split('\n')
    .map((at) => Number(at) / 1e6);
  assert.ok(second - first >= 900, `a second: ${second - first}`);
  assert.ok(third - second >= 1900, `two: ${third - second}`);
  await until('it waits for the next attempt', () => output.state === 'retrying');
  assert.equal(reports.length, 1, reports.join('\n'));
  assert.match(reports[0] ?? '', /^command ".*" \(pid \d+\) exited with status 3$/);
  assert.equal(await output.close(inMs(4000)), 1);
  assert.match(reports.at(-1) ?? '', /^dropped 1 message to command "date/);
});

test('what a command that was killed did not read goes to the next one, from the beginning of a record', async (t) => {
  const { create, send, read, reports } = rig(t);
  // Reads 10 bytes, in the middle of the second record, then stops until it is killed.
  const output = create(
    'test -e DIR/first && exec cat >> DIR/out; head -c 10 > DIR/first; echo $$ > DIR/pid; exec sleep 60',
  );
  await output.open();
  send(output, 'record-1', 'record-2', 'record-3');
  const pid = Number(await until('the first one sleeps', () => read('pid').endsWith('\n') && read('pid')));
  await until('it does not read', () => /sleep/.test(readFileSync(`/proc/${pid}/comm`, 'latin1')));
  process.kill(pid, 'SIGKILL');
  await until('the rest is written', () => read('out').endsWith('record-3\n'));
  assert.equal(read('first'), 'record-1\nr');
  assert.equal(read('out'), 'record-2\nrecord-3\n');
  assert.match(reports[0] ?? '', /\(pid \d+\) killed by signal SIGKILL$/);
});

test('a command that closes its input is left for another one, and ended', async (t) => {
  const { create, send, read } = rig(t);
  const output = create('test -e DIR/pid && exec cat >> DIR/out; echo $$ > DIR/pid; exec <&-; exec sleep 60');
  await output.open();
  send(output, 'one');
  const pid = Number(await until('the first one sleeps', () => read('pid').endsWith('\n') && read('pid')));
  await until('its input is closed', () => /sleep/.test(readFileSync(`/proc/${pid}/comm`, 'latin1')));
  send(output, 'two');
  await until('both are written', () => read('out') === 'one\ntwo\n');
  assert.equal(await output.close(inMs(AMPLE_MS)), 0);
  await until('it is ended', () => !alive(pid));
});

test('a command that hangs: the queue is bounded, and the end comes in time, with the true number', async (t) => {
  const { create, send, read, reports } = rig(t);
  const output = create('echo $$ > DIR/pid; trap "" TERM; while :; do sleep 60; done');
  await output.open();
  let taken = 0;
  for (let i = 0; i < 12_000; i++) if (send(output, `${i} ${'x'.repeat(990)}`)) taken++;
  assert.ok(taken < 9000, `about eight megabytes: ${taken}`);
  assert.equal(output.congested(), false);
  const pid = Number(await until('it runs', () => read('pid').endsWith('\n') && read('pid')));
  const deadline = inMs(2500);
  assert.equal(await output.close(deadline), taken);
  assert.ok(performance.now() < deadline, 'before the deadline');
  assert.equal(alive(pid), false);
  assert.match(reports.join('\n'), /killed by signal SIGKILL/);
  assert.match(reports.at(-1) ?? '', /^dropped 12000 messages to command "echo/);
});

test('nothing of a pipeline is left behind', async (t) => {
  const { create, send, read } = rig(t);
  const output = create(
    "echo $$ >> DIR/pids; (echo $BASHPID; sh -c 'echo $$ >> DIR/pids; sleep 60') | sleep 61; sleep 62",
  );
  await output.open();
  send(output, 'one');
  await until('it runs', () => read('pids').split('\n').length === 3);
  await output.close(inMs(1600));
  for (const pid of read('pids').trim().split('\n').map(Number)) await until('it is gone', () => !alive(pid));
});

test('a slow command gets time to finish', async (t) => {
  const { create, send, read } = rig(t);
  const output = create(
    'while read line; do sleep 0.02; echo "$line" >> DIR/out; done; sleep 0.3; echo end >> DIR/out',
  );
  await output.open();
  send(output, ...numbered(20));
  assert.equal(await output.close(inMs(AMPLE_MS)), 0);
  assert.equal(read('out'), text([...numbered(20), 'end']));
});

test('a command that ends well when it has enough is started again by the next record', async (t) => {
  const { create, send, read, reports } = rig(t);
  const output = create('head -n 1 >> DIR/out');
  await output.open();
  send(output, 'one');
  await until('it has ended', () => reports.length === 1);
  assert.match(reports[0] ?? '', /exited with status 0$/);
  assert.equal(output.state, 'open');
  send(output, 'two');
  await until('it is written', () => read('out') === 'one\ntwo\n');
});

test('a command that the shell does not find is told by its status', async (t) => {
  const { create, send, reports, dir } = rig(t);
  mkdirSync(`${dir}/bin`);
  writeFileSync(`${dir}/bin/tool`, '');
  const output = create('DIR/bin/missing');
  await output.open();
  send(output, 'one');
  await until('it is told', () => reports.length > 0);
  assert.match(reports[0] ?? '', /bin\/missing" \(pid \d+\) exited with status 127$/);
});
