/**
 * Clients that know only /dev/log and 514: syslog(3) from C, Perl and Python, logger without options, cron.
 */
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { TestDaemon } from '../support/daemon.ts';
import { ownDev, ownDevMissing, runInside } from '../support/own-dev.ts';

const CONF = '*.*;syslog.none DIR/all';

function missing(program: string): string | false {
  const none = ownDevMissing();
  if (none !== false) return none;
  return spawnSync('sh', ['-c', `command -v ${program}`]).status === 0 ? false : `${program} is not installed`;
}

async function startInside(t: test.TestContext): Promise<TestDaemon> {
  const dir = TestDaemon.folder(t);
  const daemon = await TestDaemon.start(t, { conf: CONF, wrapper: ownDev(dir), args: ['-p', '/dev/log'] }, dir);
  return daemon;
}

test('logger without options reaches /dev/log', { skip: missing('logger') }, async (t) => {
  const daemon = await startInside(t);
  runInside(daemon, 'logger', ['hello']);
  assert.match(await daemon.line('all', /hello/), /: hello$/);
});

test("Python's syslog: facility, pid and several lines", { skip: missing('python3') }, async (t) => {
  const daemon = await startInside(t);
  const script = [
    'import syslog',
    'syslog.openlog("snake", syslog.LOG_PID, syslog.LOG_MAIL)',
    'syslog.syslog(syslog.LOG_ERR, "one")',
    'syslog.syslog("two\\nlines")',
  ].join('\n');
  runInside(daemon, 'python3', ['-c', script]);
  await daemon.line('all', /two/);
  const lines = daemon.lines('all');
  assert.match(lines[0] ?? '', / snake\[\d+\]: one$/);
  assert.match(lines[1] ?? '', / snake\[\d+\]: two lines$/);
});

test("Perl's Sys::Syslog: priority decides the file", { skip: missing('perl') }, async (t) => {
  const daemon = await startInside(t);
  daemon.configure('mail.err DIR/mailerr\n*.*;syslog.none DIR/all\nsyslog.* -DIR/self');
  await daemon.reload();
  const script = [
    'use Sys::Syslog qw(:standard :macros);',
    'openlog("pearl", "pid,ndelay", LOG_MAIL);',
    'syslog(LOG_INFO, "fine %d", 7);',
    'syslog(LOG_ERR, "bad");',
    'closelog();',
  ].join(' ');
  runInside(daemon, 'perl', ['-e', script]);
  assert.match(await daemon.line('mailerr', /bad/), / pearl\[\d+\]: bad$/);
  assert.match(await daemon.line('all', /fine/), / pearl\[\d+\]: fine 7$/);
  assert.equal(daemon.lines('mailerr').length, 1);
});

test('cron logs its start through /dev/log', { skip: missing('cron') }, async (t) => {
  const daemon = await startInside(t);
  const cron = spawn('nsenter', ['-t', `${daemon.child.pid}`, '-m', 'cron', '-f'], { stdio: 'ignore' });
  t.after(() => cron.kill());
  assert.match(await daemon.line('all', /cron\[/), / cron\[\d+\]: \(CRON\) INFO \(.*\)$/);
});
