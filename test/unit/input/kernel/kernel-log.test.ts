import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { mock, test, type TestContext } from 'node:test';
import { Batch } from '../../../../src/dgram-parser/columns/batch.ts';
import { BatchClock } from '../../../../src/input/batch-clock.ts';
import { KernelCache } from '../../../../src/input/kernel/kernel-cache.ts';
import { KernelLog, type OpenKernelLog } from '../../../../src/input/kernel/kernel-log.ts';
import type { KmsgFile } from '../../../../src/input/kernel/kmsg-file.ts';
import { parseKmsgRecord } from '../../../../src/input/kernel/kmsg-record.ts';
import { Peers } from '../../../../src/input/sender/peers.ts';
import { fixedZone } from '../../../../src/protocol/calendar.ts';
import { splitHostName } from '../../../../src/sys/machine/host.ts';

/** A kernel's log that holds what the test puts there. */
class FakeKmsg implements KmsgFile {
  readonly records: (string | Error)[] = [];
  callback: () => void = () => undefined;
  watched = true;

  open(): number {
    return 99;
  }

  read(_fd: number, buffer: Buffer): number {
    const next = this.records.shift();
    if (next === undefined) throw Object.assign(new Error('EAGAIN'), { code: 'EAGAIN', errno: -11 });
    if (next instanceof Error) throw next;
    return buffer.write(next);
  }

  close(): void {}

  rewinds = 0;

  rewind(): void {
    this.rewinds++;
  }

  watch(_fd: number, callback: () => void): { pause(): void; resume(): void; close(): void } {
    this.callback = callback;
    return {
      pause: () => (this.watched = false),
      resume: () => (this.watched = true),
      close: () => (this.watched = false),
    };
  }
}

interface Rig {
  readonly kmsg: FakeKmsg;
  readonly log: KernelLog;
  readonly datagrams: string[];
  readonly reports: string[];
}

interface RigOptions {
  readonly trustTime?: boolean;
  readonly cache?: string;
  readonly existing?: OpenKernelLog;
}

function rig(t: TestContext, { trustTime = false, cache = '', existing }: RigOptions = {}): Rig {
  const dir = mkdtempSync(join(tmpdir(), 'tsyslogd-'));
  t.after(() => rmSync(dir, { recursive: true }));
  const kmsg = new FakeKmsg();
  const datagrams: string[] = [];
  const reports: string[] = [];
  const log = new KernelLog({
    path: '/dev/kmsg',
    file: kmsg,
    trustTime,
    zone: fixedZone(-210),
    cache: new KernelCache(cache === '' ? join(dir, 'cache') : cache),
    paused: false,
    existing: existing ?? null,
    context: {
      batch: new Batch(4, 8192),
      clock: new BatchClock(),
      peers: new Peers({ hostNames: splitHostName('web1'), reverse: null }),
      filter: null,
      receiveBufferBytes: 0,
      lossSettleMs: 0,
      events: {
        report: (_severity, text) => reports.push(text),
        deliver: (batch) => {
          for (let row = 0; row < batch.count; row++) {
            const begin = row * batch.slotBytes;
            datagrams.push(batch.bytes.toString('utf8', begin, begin + batch.len[row]!));
          }
        },
      },
    },
  });
  log.open();
  return { kmsg, log, datagrams, reports };
}

test('kmsg record: priority, sequence, time and text; keys behind it are ignored', () => {
  const record = parseKmsgRecord(
    Buffer.from('6,339,5140900,-;NET: Registered; family 10\n SUBSYSTEM=net\n DEVICE=+x\n'),
  );
  assert.deepEqual(
    { ...record, text: record?.text.toString() },
    {
      pri: 6,
      sequence: 339,
      usec: 5_140_900,
      text: 'NET: Registered; family 10',
    },
  );
});

for (const bad of ['', 'no semicolon', ';x', 'a,b,c,-;x', '6,1;x']) {
  test(`kmsg record: ${JSON.stringify(bad)} is none`, () => assert.equal(parseKmsgRecord(Buffer.from(bad)), null));
}

const ESCAPED: readonly (readonly [text: string, plain: string])[] = [
  [String.raw`a\x09b\x0ac\x0d`, 'a\tb\nc\r'],
  [String.raw`caf\xc3\xa9 \xE2\x9c\x93`, 'caf\u{e9} \u{2713}'],
  [String.raw`C:\x5cx41\x5c`, String.raw`C:\x41` + '\\'],
  [String.raw`\x1b[31mred\x00`, '\x1b[31mred\0'],
  [String.raw`\x4 \x \xg0 \n \X41 \x+1`, String.raw`\x4 \x \xg0 \n \X41 \x+1`],
  [String.raw`end\x4`, String.raw`end\x4`],
  ['\\', '\\'],
  ['', ''],
];
for (const [text, plain] of ESCAPED) {
  test(`kmsg record: the escapes of ${JSON.stringify(text)} are taken back`, () => {
    const record = parseKmsgRecord(Buffer.from(`6,1,1,-;${text}\n KEY=\\x41\n`));
    assert.equal(record?.text.toString(), plain);
  });
}

test('kernel log: a text with escapes is one record, of the bytes that were written', (t) => {
  const { kmsg, datagrams } = rig(t);
  kmsg.callback();
  kmsg.records.push('4,1,1,-;line one\\x0a<0>line two\\x09tab\n SUBSYSTEM=x\\x0a\n');
  kmsg.callback();
  assert.deepEqual(datagrams, ['<4>kernel: line one\n<0>line two\ttab']);
});

test('kernel log: what was there before has the kernel’s time, what comes has none', (t) => {
  const { kmsg, datagrams } = rig(t);
  kmsg.records.push('4,1,1000001,-;old\n', '30,2,1000002,-;systemd[1]: from user space\n');
  kmsg.callback();
  kmsg.records.push('3,3,99,-;new\n');
  kmsg.callback();
  const time = String.raw`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}-03:30`;
  assert.match(datagrams[0] ?? '', new RegExp(`^<4>${time} kernel: old$`));
  assert.match(datagrams[1] ?? '', new RegExp(`^<30>${time} systemd\\[1\\]: from user space$`));
  assert.equal(datagrams[2], '<3>kernel: new');
});

test('kernel log: with -t the kernel’s time is used always', (t) => {
  const { kmsg, datagrams } = rig(t, { trustTime: true });
  kmsg.callback();
  kmsg.records.push('3,3,99,-;new\n');
  kmsg.callback();
  assert.match(datagrams[0] ?? '', /^<3>\d{4}-\d\d-\d\dT\S+ kernel: new$/);
});

test('kernel log: the kernel’s times follow a wall clock that is set', (t) => {
  const { kmsg, datagrams } = rig(t, { trustTime: true });
  const timeOf = (datagram: string | undefined): number => Date.parse(/^<3>(\S+) /.exec(datagram ?? '')?.[1] ?? '');
  kmsg.records.push('3,1,99,-;before\n');
  kmsg.callback();
  const now = Date.now;
  const set = mock.method(Date, 'now', () => now() - 5 * 3_600_000);
  kmsg.records.push('3,2,99,-;after\n');
  kmsg.callback();
  set.mock.restore();
  const [before = 0, after = 0] = datagrams.map(timeOf);
  assert.equal(Math.round((before - after) / 1000), 5 * 3600);
});

test('kernel log: records that were overwritten are counted and told', (t) => {
  const { kmsg, log, datagrams, reports } = rig(t);
  kmsg.records.push('6,1,1,-;a\n', Object.assign(new Error('EPIPE'), { code: 'EPIPE' }), '6,9,1,-;b\n');
  kmsg.callback();
  assert.equal(datagrams.length, 2);
  assert.deepEqual(reports, ['dropped 7 messages from /dev/kmsg']);
  assert.equal(log.counters.kernelDropped, 7);
});

test('kernel log: a record that is cut is counted and told', (t) => {
  const { kmsg, log, reports } = rig(t);
  kmsg.records.push(`6,1,1,-;${'x'.repeat(9000)}\n`, '6,2,1,-;short\n');
  kmsg.callback();
  log.close();
  assert.equal(log.counters.cut, 1);
  assert.deepEqual(reports, [
    'cutting messages from kernel log /dev/kmsg longer than 8192 bytes (max_message)',
    'cut 1 message from kernel log /dev/kmsg',
  ]);
});

test('kernel log: more records than a batch has rows are all taken', (t) => {
  const { kmsg, datagrams } = rig(t);
  for (let i = 1; i <= 50; i++) kmsg.records.push(`6,${i},1,-;record ${i}\n`);
  kmsg.callback();
  assert.equal(datagrams.length, 50);
});

test('kernel log: after a restart what was logged is not logged again; after a reboot it is', (t) => {
  const dir = mkdtempSync(join(tmpdir(), 'tsyslogd-'));
  t.after(() => rmSync(dir, { recursive: true }));
  const cache = join(dir, 'cache');
  const records = ['6,1,1,-;a\n', '6,2,1,-;b\n'];
  const first = rig(t, { cache });
  first.kmsg.records.push(...records);
  first.kmsg.callback();
  first.log.close();
  const second = rig(t, { cache });
  second.kmsg.records.push(...records, '6,3,1,-;c\n');
  second.kmsg.callback();
  assert.deepEqual(
    second.datagrams.map((text) => text.slice(-1)),
    ['c'],
  );
  writeFileSync(cache, readFileSync(cache, 'latin1').replace(/^\S+/, 'another-boot'));
  const third = rig(t, { cache });
  third.kmsg.records.push(...records);
  third.kmsg.callback();
  assert.equal(third.datagrams.length, 2);
});

test('kernel log: a process that takes it over goes on behind the last record, without gap and without time', (t) => {
  const { kmsg, log, datagrams, reports } = rig(t, { existing: { fd: 7, last: 4 } });
  // The other one has read on since it told of the log.
  log.continueBehind(6);
  kmsg.records.push('6,6,1,-;told already\n', '6,7,1,-;new\n');
  kmsg.callback();
  assert.deepEqual(datagrams, ['<6>kernel: new']);
  assert.deepEqual(reports, []);
  assert.deepEqual(log.shared, { fd: 7, last: 7 });
});

test('kernel log: where the process before died, its cache says how far it came', (t) => {
  const dir = mkdtempSync(join(tmpdir(), 'tsyslogd-'));
  t.after(() => rmSync(dir, { recursive: true }));
  const cache = join(dir, 'cache');
  const first = rig(t, { cache });
  first.kmsg.records.push('6,1,1,-;a\n', '6,2,1,-;b\n', '6,3,1,-;c\n');
  first.kmsg.callback();
  const second = rig(t, { cache, existing: { fd: 7, last: 1 } });
  second.log.continueBehind(-1);
  second.kmsg.records.push('6,4,1,-;d\n');
  second.kmsg.callback();
  assert.deepEqual(second.datagrams, ['<6>kernel: d']);
  assert.deepEqual(second.reports, []);
});

test('kernel log: taken back, it is read from its beginning, and what was taken is passed over', (t) => {
  const { kmsg, log, datagrams } = rig(t);
  kmsg.records.push('6,1,1,-;a\n');
  kmsg.callback();
  log.takeBack();
  assert.equal(kmsg.rewinds, 1);
  kmsg.records.push('6,1,1,-;a\n', '6,2,1,-;b\n');
  kmsg.callback();
  assert.deepEqual(
    datagrams.map((text) => text.slice(-1)),
    ['a', 'b'],
  );
});

test('kernel log: absent or forbidden it is one notice', () => {
  const reports: string[] = [];
  const log = new KernelLog({
    path: '/nonexistent/kmsg',
    trustTime: false,
    zone: fixedZone(0),
    cache: new KernelCache('/nonexistent/cache'),
    paused: false,
    context: {
      batch: new Batch(1, 480),
      clock: new BatchClock(),
      peers: new Peers({ hostNames: splitHostName('web1'), reverse: null }),
      filter: null,
      receiveBufferBytes: 0,
      lossSettleMs: 0,
      events: { deliver: () => undefined, report: (_severity, text) => reports.push(text) },
    },
  });
  log.open();
  assert.equal(log.state, 'closed');
  assert.deepEqual(reports, ['not reading the kernel log: /nonexistent/kmsg: no such file or directory']);
  log.close();
});

test('kernel log: one record that is missing is one message', (t) => {
  const { kmsg, reports } = rig(t);
  kmsg.records.push('6,1,1,-;a\n', '6,3,1,-;b\n');
  kmsg.callback();
  assert.deepEqual(reports, ['dropped 1 message from /dev/kmsg']);
});

function ioError(): Error {
  return Object.assign(new Error('EIO'), { code: 'EIO', errno: -5 });
}

test('kernel log: a read that fails is told once, and tried again after a while by itself', (t) => {
  mock.timers.enable({ apis: ['setTimeout'] });
  t.after(() => mock.timers.reset());
  const { kmsg, datagrams, reports } = rig(t);
  for (let i = 0; i < 3; i++) {
    kmsg.records.push(ioError());
    kmsg.callback();
    assert.equal(kmsg.watched, false);
    mock.timers.tick(1000);
    assert.equal(kmsg.watched, true);
  }
  assert.deepEqual(reports, ['cannot read /dev/kmsg: i/o error']);
  kmsg.records.push('6,1,1,-;a\n', ioError());
  kmsg.callback();
  assert.equal(datagrams.length, 1);
  assert.equal(reports.length, 2, 'it had worked in between');
});

test('kernel log: after a read that failed nothing is read while it is paused, nor after its end', (t) => {
  mock.timers.enable({ apis: ['setTimeout'] });
  t.after(() => mock.timers.reset());
  const { kmsg, log } = rig(t);
  kmsg.records.push(ioError());
  kmsg.callback();
  log.pause();
  mock.timers.tick(1000);
  assert.equal(kmsg.watched, false);
  log.resume();
  assert.equal(kmsg.watched, true);
  kmsg.records.push(ioError());
  kmsg.callback();
  log.resume();
  assert.equal(kmsg.watched, false, 'not before the pause is over');
  log.close();
  mock.timers.tick(1000);
  assert.equal(kmsg.watched, false);
});
