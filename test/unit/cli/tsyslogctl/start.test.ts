/** Which path of the program tsyslogd a daemon is started by, and by which it is therefore started anew. */
import assert from 'node:assert/strict';
import { mkdirSync, realpathSync, symlinkSync } from 'node:fs';
import { test } from 'node:test';
import { programPath } from '../../../../src/cli/tsyslogctl/start.ts';
import { TestDaemon } from '../../../support/daemon.ts';
import { builtPath } from '../../../support/project.ts';

const FOLDER = realpathSync(builtPath('src', 'cli'));

test('programPath: a link to a version is not followed, so that an upgrade is seen', (t) => {
  const dir = TestDaemon.folder(t);
  symlinkSync(FOLDER, `${dir}/current`);
  assert.equal(programPath(`${dir}/current/tsyslogctl.cjs`), `${dir}/current/tsyslogd.cjs`);
});

test('programPath: beside a link to this program the link to the daemon is taken', (t) => {
  const dir = TestDaemon.folder(t);
  symlinkSync(FOLDER, `${dir}/current`);
  mkdirSync(`${dir}/bin`);
  symlinkSync('../current/tsyslogctl.cjs', `${dir}/bin/tsyslogctl`);
  assert.equal(programPath(`${dir}/bin/tsyslogctl`), `${dir}/current/tsyslogd.cjs`);
  symlinkSync('../current/tsyslogd.cjs', `${dir}/bin/tsyslogd`);
  assert.equal(programPath(`${dir}/bin/tsyslogctl`), `${dir}/bin/tsyslogd`);
});

test('programPath: another program of that name is not taken', (t) => {
  const dir = TestDaemon.folder(t);
  symlinkSync('/bin/true', `${dir}/tsyslogd`);
  assert.equal(programPath(`${dir}/tsyslogctl`), `${FOLDER}/tsyslogd.cjs`);
  assert.equal(programPath(''), `${FOLDER}/tsyslogd.cjs`);
});
