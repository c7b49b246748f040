/**
 * Whatever stands in a configuration, in a message, in a name, on a command line: no program prints a control
 * character but tabs and ends of lines.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { at } from '../support/control-client.ts';
import { runControl } from '../support/ctl-program.ts';
import { TestDaemon } from '../support/daemon.ts';
import { builtPath } from '../support/project.ts';
import { sendLocal } from '../support/send.ts';

/** Title, colour, C1, override of direction, separator of lines; all of them may stand in a name. */
const EVIL = 'x\x1b]0-t\x07\x1b[31m\u009b31m\u0085\u202e\u2028\x7fy';
const SHOWN = String.raw`x\x1b]0-t\x07\x1b[31m\x9b31m\x85\u202e\u2028\x7fy`;
const UNSAFE = /(?![\t\n])\p{Cc}|[\u2028-\u202e]/u;
const PROGRAM = builtPath('src', 'cli', 'tsyslogd.cjs');

function assertSafe(text: string): void {
  assert.doesNotMatch(text, UNSAFE, JSON.stringify(text));
}

test('--check: words, paths and names of files of a configuration', (t) => {
  const dir = TestDaemon.folder(t);
  const conf = `${dir}/${EVIL}.conf`;
  const mistakes = [
    `mail.${EVIL} /a`,
    `mail.info a\tb\tc`,
    `mail.info @h:${EVIL}`,
    `mail.info /f ;${EVIL}`,
    `mail.info /f ;mode=${EVIL}`,
    `:msg, contains, "x"\t${EVIL}`,
    ':*',
    `:msg, ereregex, "(${EVIL}"`,
    ':*',
    `listen ${EVIL}`,
    `include /dev/null/${EVIL}`,
    `include ./${EVIL}.conf`,
  ];
  writeFileSync(conf, mistakes.map((line) => `${line}\n`).join(''));
  const { status, stdout, stderr } = spawnSync(process.execPath, [PROGRAM, '--check', '-f', conf], {
    encoding: 'utf8',
  });
  assert.deepEqual([status, stderr], [3, '']);
  assertSafe(stdout);
  assert.doesNotMatch(stdout, /\ufffd/);
  const lines = stdout.split('\n').slice(0, -1);
  for (const line of lines) assert.ok(line.startsWith(`${dir}/${SHOWN}.conf:`), line);
  assert.match(stdout, /:2:11: bad action `a\\tb\\tc`/);
  assert.ok(stdout.includes(`includes itself`) && stdout.includes(`unknown priority \`${SHOWN}\``), stdout);
});

test('a daemon with such names: stderr, debug output, status and its JSON, explain', async (t) => {
  const dir = TestDaemon.folder(t);
  const conf = `user.* DIR/${EVIL}\nuser.* |cat > "DIR/${EVIL}.out"\nmail.${EVIL} /a\nuser.* /dev/null/${EVIL}`;
  const daemon = await TestDaemon.start(t, { conf, args: ['-8', '-d'] }, dir);
  await sendLocal(daemon.socket, [`<13>${EVIL}: text ${EVIL}`]);
  await daemon.line(EVIL, /text/);
  const control = `${daemon.pidFile}.ctl`;
  const status = await runControl(['--control', control, 'status']);
  assert.equal(status.status, 0);
  assertSafe(status.stdout);
  assert.ok(status.stdout.includes(SHOWN), status.stdout);
  const json = await runControl(['--control', control, 'status', '--json']);
  assertSafe(json.stdout);
  assert.match(JSON.stringify(at(JSON.parse(json.stdout), 'status', 'outputs')), /\u202e/, 'the name itself is in it');
  const reload = await runControl(['--control', control, 'reload']);
  assert.equal(reload.status, 3);
  assertSafe(reload.stderr);
  const explain = await runControl([
    ...['explain', '-f', daemon.confFile, '-o', '-8', '-p', 'user.info', '-t', 'tag', '--', EVIL],
  ]);
  assertSafe(explain.stdout + explain.stderr);
  assert.ok(explain.stdout.includes(SHOWN), explain.stdout);
  await daemon.stop();
  assert.match(daemon.stderr, /debug: /);
  assertSafe(daemon.stderr);
});

test('command lines: what is refused is told on one line', async () => {
  for (const args of [['-f', `/dev/null/${EVIL}`, '--check'], ['-m', EVIL], [`--${EVIL}`], [EVIL], ['--user', EVIL]]) {
    const run = spawnSync(process.execPath, [PROGRAM, '-F', '-P', '/dev/null/pid', ...args], { encoding: 'utf8' });
    assert.notEqual(run.status, 0);
    assert.match(run.stderr, /^tsyslogd: /);
    assertSafe(run.stdout + run.stderr);
  }
  for (const args of [[EVIL], ['--control', `/dev/null/${EVIL}`, 'status'], ['explain', '-f', `/${EVIL}`, 'text']]) {
    const run = await runControl(args);
    assert.notEqual(run.status, 0);
    assert.match(run.stderr, /^tsyslogctl: /);
    assertSafe(run.stdout + run.stderr);
  }
});
