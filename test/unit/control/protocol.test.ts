/**
 * Requests of the control socket: what is understood, and that nothing can be sent that throws.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import {
  CONTROL_COMMANDS,
  defaultControlPath,
  formatAnswer,
  parseRequest,
  shorten,
} from '../../../src/control/protocol.ts';

for (const command of CONTROL_COMMANDS) {
  test(`${command}: understood, also with members of a later version and a carriage return`, () => {
    for (const line of [{ command }, { since: 7, command, deep: { deep: [] } }])
      assert.deepEqual(parseRequest(Buffer.from(`${JSON.stringify(line)}\r`)), { ok: true, command });
  });
}

test('any bytes: an answer, never an exception, and never a command that was not asked for', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 2000 }), (bytes) => {
      assert.equal(parseRequest(bytes).ok, false);
    }),
    { numRuns: 5000 },
  );
});

test('any JSON: only an object with a known word as its command is one', () => {
  fc.assert(
    fc.property(fc.json(), (text) => {
      const parsed = parseRequest(Buffer.from(text));
      if (parsed.ok) assert.match(text, /"command"\s*:\s*"(status|reload|reopen|rotate|mark|stop|restart)"/);
    }),
    { numRuns: 2000 },
  );
});

test('what is quoted is short and without anything that a terminal would act upon', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => {
      const shown = shorten(text);
      assert.ok(shown.length <= 41);
      assert.doesNotMatch(shown, /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
      assert.equal(Buffer.from(shown).toString(), shown, 'no half of a character');
    }),
    { numRuns: 2000 },
  );
});

test('an answer is one line, whatever is in it', () => {
  const line = formatAnswer({ ok: false, error: 'two\nlines\r\u2028' });
  assert.equal(line.indexOf('\n'), line.length - 1);
});

test('the default path: beside the pid file', () => {
  assert.equal(defaultControlPath('/run/tsyslogd.pid'), '/run/tsyslogd.ctl');
  assert.equal(defaultControlPath('/run/my.pid.file'), '/run/my.pid.file.ctl');
  assert.equal(defaultControlPath('DIR/pid'), 'DIR/pid.ctl');
});
