/**
 * The real logrotate(8), with the sample that comes with the daemon, under a flood.
 */
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { parseText } from '../support/conf-source.ts';
import { TestDaemon } from '../support/daemon.ts';
import { projectPath } from '../support/project.ts';
import { allLines, namesBeside } from '../support/rotation-rig.ts';
import { sendLocal } from '../support/send.ts';
import { until } from '../support/until.ts';

const SAMPLE = readFileSync(projectPath('etc', 'logrotate.d', 'tsyslogd'), 'utf8');
const MESSAGES = 100_000;
const ROTATIONS = 12;
const skip =
  spawnSync('logrotate', ['--version']).error === undefined ? false : 'logrotate is not installed (apt: logrotate)';

/** The sample, for one file of a daemon under test; `change` may edit it. */
function adapt(daemon: TestDaemon, change: (text: string) => string = (text) => text): string {
  const block = SAMPLE.replace(/^(?:\/var\/log\/\S+\n)+/m, `${daemon.path('f')}\n`)
    .replaceAll('/var/run/tsyslogd.pid', daemon.pidFile)
    .replace(/rotate \d+/, 'rotate 100');
  assert.ok(block.includes(daemon.path('f')) && block.includes(daemon.pidFile));
  const path = daemon.path('logrotate.conf');
  writeFileSync(path, change(block));
  // It refuses a configuration that others may write.
  chmodSync(path, 0o644);
  return path;
}

function logrotate(daemon: TestDaemon, conf: string): void {
  execFileSync('logrotate', ['--force', '--state', daemon.path('logrotate.state'), conf], { stdio: 'pipe' });
}

function numbersIn(daemon: TestDaemon): number[] {
  return allLines(daemon.path('f')).map((line) => Number(/ flood: (\d+) x{40}$/.exec(line)?.[1]));
}

function flood(): string[] {
  return Array.from({ length: MESSAGES }, (_, i) => `<13>flood: ${i} ${'x'.repeat(40)}`);
}

async function floodThrough(daemon: TestDaemon, conf: string): Promise<number> {
  let sending = true;
  const sent = sendLocal(daemon.socket, flood()).then(() => (sending = false));
  let during = 0;
  for (let i = 0; i < ROTATIONS; i++) {
    await until(
      'there is something to rotate',
      () => (statSync(daemon.path('f'), { throwIfNoEntry: false })?.size ?? 0) > 0 || !sending,
    );
    logrotate(daemon, conf);
    if (sending) during++;
  }
  await sent;
  return during;
}

test('logrotate with create and SIGHUP under a flood: every line once, in order', { skip }, async (t) => {
  const daemon = await TestDaemon.start(t, { conf: 'user.* DIR/f' });
  const conf = adapt(daemon);
  const during = await floodThrough(daemon, conf);
  const last = new RegExp(`flood: ${MESSAGES - 1} `);
  await until('the last line has arrived', () => allLines(daemon.path('f')).some((line) => last.test(line)));
  await daemon.stop();
  const numbers = numbersIn(daemon);
  assert.equal(numbers.length, MESSAGES);
  assert.equal(
    numbers.findIndex((number, i) => number !== i),
    -1,
  );
  t.diagnostic(`${during} rotations during the flood, ${namesBeside(daemon.path('f')).length} files`);
  assert.ok(during > 0);
});

test('logrotate without any signal: the new file is found all the same, and nothing is lost', { skip }, async (t) => {
  const daemon = await TestDaemon.start(t, { conf: 'user.* DIR/f' });
  const conf = adapt(daemon, (text) => text.replace(/\tpostrotate[\s\S]*endscript\n/, ''));
  await sendLocal(daemon.socket, ['<13>t: before']);
  await daemon.line('f', /before/);
  logrotate(daemon, conf);
  let sent = 1;
  await until('the new file is written to', async () => {
    await sendLocal(daemon.socket, [`<13>t: ${++sent}`]);
    return statSync(daemon.path('f')).size > 0;
  });
  await daemon.line('f', new RegExp(`t: ${sent}$`, 'm'));
  assert.equal(allLines(daemon.path('f')).length, sent);
});

test('logrotate with copytruncate: no line torn, none doubled, and the daemon goes on at the new end', {
  skip,
}, async (t) => {
  const daemon = await TestDaemon.start(t, { conf: 'user.* DIR/f' });
  const conf = adapt(daemon, (text) =>
    text.replace(/\tpostrotate[\s\S]*endscript\n/, '').replace('\tcreate\n', '\tcopytruncate\n'),
  );
  await sendLocal(daemon.socket, ['<13>t: before']);
  await daemon.line('f', /before/);
  logrotate(daemon, conf);
  assert.equal(statSync(daemon.path('f')).size, 0);
  await sendLocal(daemon.socket, ['<13>t: after']);
  await daemon.line('f', /after/);
  assert.equal(readFileSync(daemon.path('f')).indexOf(0), -1, 'no hole');
  assert.deepEqual(
    allLines(daemon.path('f')).map((line) => line.replace(/.* t: /, '')),
    ['before', 'after'],
  );
});

test('the sample names every file of the configuration that comes with the daemon, and passes logrotate', {
  skip,
}, (t) => {
  const { rules } = parseText(readFileSync(projectPath('etc', 'tsyslog.conf'), 'utf8')).configuration;
  const paths = rules.flatMap(({ action }) => (action.kind === 'file' ? [action.path] : []));
  assert.ok(paths.length > 5);
  for (const path of paths) assert.ok(SAMPLE.includes(`\n${path}\n`), path);
  const dir = TestDaemon.folder(t);
  writeFileSync(`${dir}/sample`, SAMPLE, { mode: 0o644 });
  const tried = spawnSync('logrotate', ['--debug', '--state', `${dir}/state`, `${dir}/sample`], { encoding: 'utf8' });
  assert.equal(tried.status, 0, tried.stderr);
  assert.doesNotMatch(tried.stderr, /^error/m);
  assert.ok(!existsSync(`${dir}/state`));
});
