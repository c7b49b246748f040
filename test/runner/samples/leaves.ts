/** A file that passes but leaves something of each kind behind. */
import { spawn } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';

test('leaves things', () => {
  spawn('sleep', ['1000'], { stdio: 'ignore', detached: true }).unref();
  writeFileSync(`${mkdtempSync(join(tmpdir(), 'left-'))}/inside`, '');
});
