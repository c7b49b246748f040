import assert from 'node:assert/strict';
import { once, EventEmitter } from 'node:events';
import { appendFileSync, mkdirSync, renameSync, rmdirSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { PathWatcher, type PathWatchKind } from '../../../../src/sys/file/path-watch.ts';
import { temporaryDirectory } from '../../../support/receiving.ts';

/** Counts hints; `next` waits for one. */
class Hints {
  count = 0;
  readonly #events = new EventEmitter();
  readonly note = (): void => {
    this.count++;
    this.#events.emit('hint');
  };

  async next(): Promise<void> {
    const seen = this.count;
    // The watcher's own timer does not keep the process alive.
    const keep = setTimeout(() => {}, 20_000);
    while (this.count === seen) await once(this.#events, 'hint');
    clearTimeout(keep);
  }
}

function watcherIn(
  t: TestContext,
  kind: PathWatchKind,
): { watcher: PathWatcher; dir: string; path: string; hints: Hints } {
  const dir = temporaryDirectory(t);
  const watcher = new PathWatcher(kind, 10);
  t.after(() => watcher.close());
  return { watcher, dir, path: join(dir, 'log'), hints: new Hints() };
}

async function change(hints: Hints, what: () => void): Promise<void> {
  const hint = hints.next();
  what();
  await hint;
}

for (const kind of ['inotify', 'timer'] as const) {
  test(`${kind}: a path removed, made, renamed away and replaced gives a hint each`, async (t) => {
    const { watcher, dir, path, hints } = watcherIn(t, kind);
    writeFileSync(path, '');
    watcher.watch(path, hints.note);
    await change(hints, () => unlinkSync(path));
    await change(hints, () => writeFileSync(path, ''));
    await change(hints, () => renameSync(path, join(dir, 'log.0')));
    writeFileSync(join(dir, 'new'), '');
    await change(hints, () => renameSync(join(dir, 'new'), path));
    writeFileSync(join(dir, 'newer'), '');
    await change(hints, () => renameSync(join(dir, 'newer'), path));
  });

  test(`${kind}: writing to the path and changing its neighbours give no hint`, async (t) => {
    const { watcher, dir, path, hints } = watcherIn(t, kind);
    writeFileSync(path, '');
    watcher.watch(path, hints.note);
    appendFileSync(path, 'line\n');
    writeFileSync(join(dir, 'other'), '');
    unlinkSync(join(dir, 'other'));
    await change(hints, () => unlinkSync(path));
    assert.equal(hints.count, 1);
  });

  test(`${kind}: a directory that is missing, made, removed and made again is followed`, async (t) => {
    const { watcher, dir, hints } = watcherIn(t, kind);
    const path = join(dir, 'run', 'log');
    watcher.watch(path, hints.note);
    await change(hints, () => {
      mkdirSync(join(dir, 'run'));
      writeFileSync(path, '');
    });
    await change(hints, () => {
      unlinkSync(path);
      rmdirSync(join(dir, 'run'));
    });
    await change(hints, () => {
      mkdirSync(join(dir, 'run'));
      writeFileSync(path, '');
    });
    await change(hints, () => unlinkSync(path));
  });

  test(`${kind}: after the directory is renamed away its successor is watched`, async (t) => {
    const { watcher, dir, hints } = watcherIn(t, kind);
    mkdirSync(join(dir, 'run'));
    const path = join(dir, 'run', 'log');
    writeFileSync(path, '');
    watcher.watch(path, hints.note);
    await change(hints, () => renameSync(join(dir, 'run'), join(dir, 'old')));
    await change(hints, () => {
      mkdirSync(join(dir, 'run'));
      writeFileSync(path, '');
    });
    await change(hints, () => unlinkSync(path));
  });

  test(`${kind}: an ended watch is silent and leaves others of the same path alone`, async (t) => {
    const { watcher, path, hints } = watcherIn(t, kind);
    writeFileSync(path, '');
    const silent = new Hints();
    const end = watcher.watch(path, silent.note);
    watcher.watch(path, hints.note);
    end();
    end();
    await change(hints, () => unlinkSync(path));
    assert.equal(silent.count, 0);
  });

  test(`${kind}: a callback may end watches while it runs`, async (t) => {
    const { watcher, path, hints } = watcherIn(t, kind);
    writeFileSync(path, '');
    const ends: (() => void)[] = [];
    const first = (): void => {
      for (const end of ends) end();
      hints.note();
    };
    ends.push(watcher.watch(path, first), watcher.watch(path, first));
    await change(hints, () => unlinkSync(path));
    assert.equal(hints.count, 1);
  });
}

test('inotify: two ways to one directory stay watched when one is ended', async (t) => {
  const { watcher, dir, path, hints } = watcherIn(t, 'inotify');
  mkdirSync(join(dir, 'real'));
  symlinkSync(join(dir, 'real'), join(dir, 'link'));
  writeFileSync(join(dir, 'real', 'log'), '');
  assert.notEqual(path, join(dir, 'real', 'log'));
  const end = watcher.watch(join(dir, 'link', 'log'), () => assert.fail('ended'));
  watcher.watch(join(dir, 'real', 'log'), hints.note);
  end();
  await change(hints, () => unlinkSync(join(dir, 'real', 'log')));
});
