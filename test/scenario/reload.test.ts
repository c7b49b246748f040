/**
 * Reload: all or nothing, and whatever happens meanwhile nothing is lost or doubled.
 */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { RECEIVERS, skipFor, TestDaemon } from '../support/daemon.ts';
import { sendLocal } from '../support/send.ts';
import { until } from '../support/until.ts';

const MESSAGES = 60_000;
const RELOADS = 50;

for (const receiver of RECEIVERS) {
  test(`${receiver}: a flood during ${RELOADS} reloads loses and doubles nothing`, {
    skip: skipFor(receiver),
  }, async (t) => {
    const daemon = await TestDaemon.start(t, { conf: 'user.* DIR/all', receiver });
    let flooding = true;
    const flood = (async () => {
      await sendLocal(
        daemon.socket,
        Array.from({ length: MESSAGES }, (_, i) => `<13>flood: ${i}`),
      );
      flooding = false;
    })();
    let during = 0;
    for (let i = 0; i < RELOADS; i++) {
      // Each time the other files are new ones, so that there is something to open, swap and close.
      daemon.configure(`user.* DIR/all\nuser.* DIR/other${i % 3}\nsyslog.* -DIR/self\n`);
      await daemon.reload();
      if (flooding) during++;
    }
    await flood;
    await daemon.line('all', new RegExp(`flood: ${MESSAGES - 1}$`, 'm'));
    await daemon.stop();
    const numbers = daemon.lines('all').map((line) => Number(/flood: (\d+)$/.exec(line)?.[1]));
    assert.equal(numbers.length, MESSAGES);
    assert.equal(
      numbers.findIndex((number, i) => number !== i),
      -1,
    );
    t.diagnostic(`${during} reloads during the flood`);
    const others = [0, 1, 2].flatMap((i) => daemon.lines(`other${i}`)).map((line) => /flood: (\d+)$/.exec(line)?.[1]);
    assert.equal(new Set(others).size, others.length, 'no file got a message twice');
  });
}

test('reload: with any error the running configuration stays, and the log says why', async (t) => {
  const daemon = await TestDaemon.start(t, { conf: 'user.* DIR/all' });
  daemon.configure('user.* DIR/new\nmaul.* DIR/new\nsyslog.* -DIR/self\n');
  await daemon.reload();
  await sendLocal(daemon.socket, ['<13>t: still here']);
  await daemon.line('all', /still here/);
  const self = daemon.lines('self').join('\n');
  assert.match(self, /conf:2:1: .*maul/);
  assert.match(self, /configuration not changed: 1 error$/m);
  assert.deepEqual(daemon.lines('new'), []);
});

test('reload: a file that cannot be opened leaves everything as it was', async (t) => {
  const daemon = await TestDaemon.start(t, { conf: 'user.* DIR/all' });
  daemon.configure('user.* DIR/new\nuser.* DIR/missing/folder\nsyslog.* -DIR/self\n');
  await daemon.reload();
  await sendLocal(daemon.socket, ['<13>t: still here']);
  await daemon.line('all', /still here/);
  assert.match(
    daemon.lines('self').join('\n'),
    /conf:2:\d+: cannot open file ".*missing\/folder": no such file or directory/,
  );
});

test('reload: what was made for a configuration that is refused is removed again', async (t) => {
  const daemon = await TestDaemon.start(t, { conf: 'user.* DIR/all\nuser.* DIR/old' });
  symlinkSync(daemon.path('behind'), daemon.path('link'));
  writeFileSync(daemon.path('empty'), '');
  writeFileSync(daemon.path('full'), 'mine\n');
  const fresh = [
    'user.* DIR/all ;ISO',
    'user.* DIR/new',
    'mail.* DIR/new ;ISO',
    'user.* DIR/rotating ;rotate=1M',
    'user.* DIR/link',
    'user.* DIR/empty',
    'user.* DIR/full',
    'user.* |DIR/fifo',
    'user.* DIR/missing/folder',
  ];
  const before = readdirSync(daemon.dir).toSorted();
  daemon.configure(`${fresh.join('\n')}\nsyslog.* -DIR/self\n`);
  await daemon.reload();
  await daemon.line('self', /configuration not changed: 1 error$/);
  assert.deepEqual(readdirSync(daemon.dir).toSorted(), before);
  assert.equal(readFileSync(daemon.path('full'), 'utf8'), 'mine\n');
  await sendLocal(daemon.socket, ['<13>t: still here']);
  await daemon.line('all', /still here/);
  assert.deepEqual(await daemon.stop(), { code: 0, signal: null });
});

test('reload: a file that a refused configuration made is kept where a rule that stays writes to it', async (t) => {
  const daemon = await TestDaemon.start(t, { conf: 'user.* DIR/all' });
  unlinkSync(daemon.path('all'));
  daemon.configure('user.* DIR/all ;ISO\nuser.* DIR/missing/folder\nsyslog.* -DIR/self\n');
  await daemon.reload();
  await until('it is there', () => existsSync(daemon.path('all')));
  await sendLocal(daemon.socket, ['<13>t: still here']);
  await daemon.line('all', /still here/);
  assert.deepEqual(await daemon.stop(), { code: 0, signal: null });
});

test('reload: a missing configuration keeps the running one', async (t) => {
  const daemon = await TestDaemon.start(t, { conf: 'user.* DIR/all' });
  unlinkSync(daemon.confFile);
  await daemon.reload();
  assert.match(daemon.lines('self').join('\n'), /cannot read configuration ".*conf": no such file or directory/);
});

test('reload: what is kept keeps its repetitions; what is pending is told', async (t) => {
  const daemon = await TestDaemon.start(t, { conf: 'user.* DIR/all' });
  await sendLocal(daemon.socket, ['<13>t: same', '<13>t: same', '<13>t: same']);
  await daemon.line('all', /same/);
  await daemon.reload();
  await sendLocal(daemon.socket, ['<13>t: same', '<13>t: other']);
  await daemon.line('all', /other/);
  assert.deepEqual(
    daemon.lines('all').map((line) => line.slice(16).replace(/^\S+ /, '')),
    ['t: same', 'last message repeated 2 times', 't: same', 't: other'],
  );
});

test('an end in the middle of a reload: status 0, and no FIFO is left', async (t) => {
  for (let i = 0; i < 8; i++) {
    const daemon = await TestDaemon.start(t, { conf: 'user.* DIR/all\nuser.* |DIR/one' });
    await sendLocal(daemon.socket, ['<13>t: before']);
    await daemon.line('all', /before/);
    const refused = i % 2 === 0 ? '' : 'user.* DIR/missing/folder\n';
    daemon.configure(`user.* DIR/all ;ISO\nuser.* |DIR/two\n${refused}syslog.* -DIR/self\n`);
    daemon.child.kill('SIGHUP');
    if (i % 4 === 2) await until('it is opening', () => existsSync(daemon.path('two')));
    assert.deepEqual(await daemon.stop(), { code: 0, signal: null });
    assert.deepEqual(
      readdirSync(daemon.dir).filter((name) => name === 'one' || name === 'two'),
      [],
    );
    assert.equal(daemon.lines('all').length, 1);
  }
});
