import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LIBC_FUNCTIONS, native, nativeAvailable } from '../../../../src/sys/call/native.ts';
import { builtPath } from '../../../support/project.ts';
import { run } from '../../../support/receiving.ts';

/** Runs a module's text in a process in which koffi and unix-dgram cannot be found. */
async function runWithout(text: string): Promise<string> {
  const hide = `
    const { default: Module } = await import('node:module');
    const find = Module._resolveFilename;
    Module._resolveFilename = (name, ...rest) => {
      if (name === 'koffi' || name === 'unix-dgram') throw new Error('Cannot find the native Koffi module\\nsecond line');
      return find.call(Module, name, ...rest);
    };`;
  const { stdout, stderr } = await run(process.execPath, ['--input-type=module', '-e', hide + text]);
  assert.equal(stderr, '');
  return stdout;
}

test('native calls are available where the tests run', () => {
  assert.deepEqual(nativeAvailable(), { ok: true });
});

test('without koffi native.ts loads, and says why nothing else works, on one line', async () => {
  const out = await runWithout(`
    const { nativeAvailable, native } = await import(${JSON.stringify(builtPath('src/sys/call/native.js'))});
    let thrown = '';
    try { native(); } catch (error) { thrown = error.message; }
    console.log(JSON.stringify([nativeAvailable(), thrown]));`);
  const reason = 'koffi cannot be loaded: Cannot find the native Koffi module';
  assert.deepEqual(JSON.parse(out), [{ ok: false, reason }, reason]);
});

test('without koffi and unix-dgram the choice of a receiver names both, on one line', async () => {
  const out = await runWithout(`
    const { chooseReceiver } = await import(${JSON.stringify(builtPath('src/input/receivers.js'))});
    try { chooseReceiver(null); } catch (error) { console.log(error.name + ': ' + error.message); }`);
  assert.match(out, /^InputError: no receiver works here: koffi [^\n]*; unix-dgram [^\n]*npm install[^\n]*\n$/);
});

test('without koffi paths are watched by the timer', async () => {
  const out = await runWithout(`
    const { PathWatcher } = await import(${JSON.stringify(builtPath('src/sys/file/path-watch.js'))});
    const { mkdtempSync, writeFileSync, rmSync } = await import('node:fs');
    const { tmpdir } = await import('node:os');
    const dir = mkdtempSync(tmpdir() + '/tsyslogd-test-');
    writeFileSync(dir + '/log', '');
    const watcher = new PathWatcher(undefined, 10);
    const keep = setTimeout(() => {}, 20000);
    watcher.watch(dir + '/log', () => { console.log('changed'); watcher.close(); rmSync(dir, { recursive: true }); clearTimeout(keep); });
    rmSync(dir + '/log');`);
  assert.equal(out, 'changed\n');
});

test('every function that can be asked for is there, and stays the same', () => {
  const { libc } = native();
  assert.ok(LIBC_FUNCTIONS.length > 30);
  for (const name of LIBC_FUNCTIONS) {
    const found: unknown = Reflect.get(libc, name);
    assert.equal(typeof found, 'function', name);
    assert.equal(Reflect.get(libc, name), found, name);
  }
});
