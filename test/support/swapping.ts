/**
 * A folder that everybody may change, in which another process keeps replacing a name with a link, and the victim that
 * the link points to.
 */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, lstatSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { cleanUp, TestDaemon } from './daemon.ts';
import { builtPath } from './project.ts';

const PRECIOUS = 'precious\n';

export class SwappedFolder {
  /** A folder that everybody may change. */
  readonly open: string;
  /** Inside it, replaced by a link to {@link outside} on {@link swap}. */
  readonly inside: string;
  /** Must not be reached. */
  readonly outside: string;

  constructor(context: TestContext) {
    const dir = TestDaemon.folder(context);
    this.open = join(dir, 'open');
    this.inside = join(this.open, 'logs');
    this.outside = join(dir, 'outside');
    mkdirSync(this.open);
    chmodSync(this.open, 0o777);
    mkdirSync(this.inside);
    chmodSync(this.inside, 0o777);
    mkdirSync(this.outside);
  }

  /** Creates files in the folder outside. */
  protect(...names: readonly string[]): void {
    for (const name of names) writeFileSync(join(this.outside, name), PRECIOUS, { mode: 0o600 });
  }

  /** Fails if anything outside was written, created, removed, or given another mode. */
  assertUntouched(...names: readonly string[]): void {
    assert.deepEqual(readdirSync(this.outside).toSorted(), [...names].toSorted());
    for (const name of names) {
      const path = join(this.outside, name);
      assert.equal(readFileSync(path, 'utf8'), PRECIOUS, name);
      assert.equal(lstatSync(path).mode & 0o7777, 0o600, name);
    }
  }

  /**
   * Swaps `path` with a link to `target` until the returned function has resolved.
   *
   * @param uid of the process that swaps; undefined: this one's
   */
  static async swap(context: TestContext, path: string, target: string, uid?: number): Promise<() => Promise<void>> {
    const child = spawn(process.execPath, [builtPath('test/support/folder-swapper.js'), path, target], {
      stdio: ['pipe', 'pipe', 'inherit'],
      ...(uid === undefined ? {} : { uid, gid: uid }),
    });
    const ended = once(child, 'exit');
    cleanUp(context, () => child.kill('SIGKILL'));
    await once(child.stdout, 'data');
    return async () => {
      child.stdin.end();
      await ended;
    };
  }
}
