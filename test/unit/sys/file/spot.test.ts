/**
 * Where a path leads: links that only root or this process can have made are followed, others are not.
 */
import assert from 'node:assert/strict';
import {
  chmodSync,
  chownSync,
  closeSync,
  existsSync,
  lstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { type Spot, withSpot, withSpotSync } from '../../../../src/sys/file/spot.ts';
import type { LastStep } from '../../../../src/sys/file/walk.ts';
import { TestDaemon } from '../../../support/daemon.ts';

const root = process.getuid?.() === 0 ? false : 'needs root to give folders away';
const NOBODY = 65_534;

/** Both ways must agree. */
async function spotAt(path: string, last: LastStep = 'follow'): Promise<Spot> {
  const found = await withSpot(path, last, (spot) => Promise.resolve(spot));
  const { real, changer, stats } = withSpotSync(path, last, (spot) => spot);
  assert.deepEqual([real, changer, stats?.ino], [found.real, found.changer, found.stats?.ino]);
  return found;
}

/** @returns the message, the same for both ways */
async function refusal(path: string, last: LastStep = 'follow'): Promise<string> {
  const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
  const found = await withSpot(path, last, ({ real }) => Promise.resolve(`not refused: ${real}`)).catch(messageOf);
  try {
    withSpotSync(path, last, () => assert.fail('not refused'));
  } catch (error) {
    assert.equal(messageOf(error), found);
  }
  return found;
}

/** A folder with a link, `to`, that leads to another one, and one that everybody may change. */
function setUp(t: TestContext): string {
  const dir = TestDaemon.folder(t);
  for (const name of ['real', 'real/sub', 'open', 'open/sub']) mkdirSync(join(dir, name));
  chmodSync(join(dir, 'open'), 0o777);
  writeFileSync(join(dir, 'real', 'f'), '');
  symlinkSync('real', join(dir, 'to'));
  return dir;
}

test('a link in a folder that nobody else can change is followed, relative, absolute, in chains, with ..', async (t) => {
  const dir = setUp(t);
  symlinkSync(join(dir, 'to', 'sub', '..', 'f'), join(dir, 'real', 'last'));
  symlinkSync('../to/./sub/../last', join(dir, 'real', 'chain'));
  for (const path of ['to/f', 'to/sub/../f', 'to/last', 'real/chain', './to//f'])
    assert.equal((await spotAt(`${dir}/${path}`)).real, join(dir, 'real', 'f'), path);
  assert.equal((await spotAt(`${dir}/to/f`)).changer, null);
});

test('of what does not exist the folder is known; a link that leads nowhere names what can be made', async (t) => {
  const dir = setUp(t);
  symlinkSync('to/later', join(dir, 'dangling'));
  for (const path of ['real/later', 'to/later', 'dangling']) {
    const { real, stats } = await spotAt(join(dir, path));
    assert.deepEqual([real, stats], [join(dir, 'real', 'later'), null]);
  }
});

test('the last link is looked at itself where that is asked for', async (t) => {
  const dir = setUp(t);
  const { real, stats } = await spotAt(join(dir, 'to'), 'look');
  assert.deepEqual([real, stats?.isSymbolicLink()], [join(dir, 'to'), true]);
});

test('in a folder that everybody may change no link is followed, in no component below it', async (t) => {
  const dir = setUp(t);
  symlinkSync(join(dir, 'real'), join(dir, 'open', 'link'));
  symlinkSync('../../real', join(dir, 'open', 'sub', 'deep'));
  symlinkSync('../real/f', join(dir, 'open', 'last'));
  for (const [path, link] of [
    ['open/link/f', 'open/link'],
    ['open/link/sub/f', 'open/link'],
    ['open/sub/deep/f', 'open/sub/deep'],
    ['open/sub/../last', 'open/last'],
    ['open/last', 'open/last'],
  ] as const)
    assert.equal(
      await refusal(join(dir, path)),
      `"${join(dir, link)}" is a symbolic link that everybody can change: not followed: expected a path without it`,
    );
});

test('a link of our own that leads into such a folder is followed, and none from there on', async (t) => {
  const dir = setUp(t);
  symlinkSync('open/sub', join(dir, 'into'));
  assert.equal((await spotAt(join(dir, 'into', 'f'))).real, join(dir, 'open', 'sub', 'f'));
  symlinkSync('../../real/f', join(dir, 'open', 'sub', 'f'));
  assert.match(await refusal(join(dir, 'into', 'f')), /open\/sub\/f" is a symbolic link that everybody can change/);
});

test("below a folder with the sticky bit our own folders are ours; a link in it is nobody's", async (t) => {
  const dir = setUp(t);
  chmodSync(join(dir, 'open'), 0o1777);
  symlinkSync('../../real', join(dir, 'open', 'sub', 'link'));
  assert.equal((await spotAt(join(dir, 'open', 'sub', 'link', 'f'))).real, join(dir, 'real', 'f'));
  symlinkSync('../real', join(dir, 'open', 'link'));
  assert.match(await refusal(join(dir, 'open', 'link', 'f')), /open\/link" is a symbolic link that everybody can/);
});

test('the sticky bit protects nothing in a folder that somebody else can replace', async (t) => {
  const dir = setUp(t);
  chmodSync(join(dir, 'open', 'sub'), 0o1777);
  mkdirSync(join(dir, 'open', 'sub', 'own'));
  symlinkSync('/', join(dir, 'open', 'sub', 'own', 'link'));
  assert.match(await refusal(join(dir, 'open', 'sub', 'own', 'link', 'f')), /own\/link" is a symbolic link/);
});

test("another user's folder: links are refused in it, not above it; the user is named", { skip: root }, async (t) => {
  const dir = setUp(t);
  chownSync(join(dir, 'real'), NOBODY, NOBODY);
  symlinkSync('/etc', join(dir, 'real', 'etc'));
  assert.match(
    await refusal(join(dir, 'to', 'etc', 'f')),
    /real\/etc" is a symbolic link that user (?:nobody|65534) can change/,
  );
  // His folder in a sticky one is his.
  chmodSync(join(dir, 'open'), 0o1777);
  chownSync(join(dir, 'open', 'sub'), NOBODY, NOBODY);
  symlinkSync('/', join(dir, 'open', 'sub', 'link'));
  assert.match(
    await refusal(join(dir, 'open', 'sub', 'link', 'f')),
    /a symbolic link that user (?:nobody|65534) can change/,
  );
  chownSync(join(dir, 'real'), 4_000_000, 0);
  assert.match(await refusal(join(dir, 'real', 'etc', 'f')), /a symbolic link that user 4000000 can change/);
});

test('a folder that a group may change: as stock Ubuntu has /var/log', { skip: root }, async (t) => {
  const dir = setUp(t);
  chownSync(join(dir, 'real'), 0, NOBODY);
  chmodSync(join(dir, 'real'), 0o775);
  assert.equal((await spotAt(join(dir, 'to', 'f'))).real, join(dir, 'real', 'f'));
  symlinkSync('f', join(dir, 'real', 'link'));
  assert.match(await refusal(join(dir, 'to', 'link')), /real\/link" is a symbolic link that group \S+ can change/);
});

test('what fails says why, as open(2) does', async (t) => {
  const dir = setUp(t);
  symlinkSync('round', join(dir, 'round'));
  assert.match(await refusal(join(dir, 'round')), /^ELOOP/);
  assert.match(await refusal(join(dir, 'real', 'f', 'g')), /^ENOTDIR/);
  assert.match(await refusal(join(dir, 'missing', 'g')), /^ENOENT/);
  for (const path of ['/', `${dir}/real/`, `${dir}/real/.`, `${dir}/real/..`])
    assert.match(await refusal(path), /^EISDIR/, path);
});

test("links of /proc are the kernel's to follow", async (t) => {
  const dir = setUp(t);
  writeFileSync(join(dir, 'real', 'f'), 'text');
  const fd = openSync(join(dir, 'real', 'f'), 'r');
  t.after(() => closeSync(fd));
  renameSync(join(dir, 'real', 'f'), join(dir, 'real', 'moved'));
  for (const path of [`/proc/self/fd/${fd}`, `/dev/fd/${fd}`, `/proc/self/root${dir}/to/moved`]) {
    const text = await withSpot(path, 'follow', (spot) => Promise.resolve(readFileSync(spot.found, 'utf8')));
    assert.equal(text, 'text', path);
  }
});

test('what was found is used, though its folder is another by then', (t) => {
  const dir = setUp(t);
  mkdirSync(join(dir, 'open', 'sub', 'logs'));
  writeFileSync(join(dir, 'open', 'sub', 'logs', 'f'), '');
  const path = join(dir, 'open', 'sub', 'logs');
  withSpotSync(join(path, 'f'), 'follow', (found) => {
    withSpotSync(join(path, 'new'), 'follow', (missing) => {
      renameSync(path, `${path}.aside`);
      symlinkSync(join(dir, 'real'), path);
      writeFileSync(missing.at, '');
      chmodSync(found.found, 0o604);
    });
  });
  assert.ok(existsSync(`${path}.aside/new`));
  assert.equal(existsSync(join(dir, 'real', 'new')), false);
  assert.equal(statSync(`${path}.aside/f`).mode & 0o777, 0o604);
  assert.notEqual(lstatSync(join(dir, 'real', 'f')).mode & 0o777, 0o604);
});

test('no descriptor is left open, whether it goes well or not', async (t) => {
  const dir = setUp(t);
  symlinkSync('/', join(dir, 'open', 'sub', 'link'));
  const next = (): number => {
    const fd = openSync('/dev/null', 'r');
    closeSync(fd);
    return fd;
  };
  const before = next();
  for (let round = 0; round < 20; round++) {
    await spotAt(join(dir, 'open', 'sub', 'f'));
    await refusal(join(dir, 'open', 'sub', 'link', 'f'));
    assert.throws(() =>
      withSpotSync(join(dir, 'open', 'sub', 'f'), 'follow', () => {
        throw new Error('no luck');
      }),
    );
  }
  assert.equal(next(), before);
});
