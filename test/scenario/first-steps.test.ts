/**
 * A daemon is started as a new user would start it, with both receivers; logger and syslog(3) of other languages
 * talk to it; every datagram is one line.
 */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { test } from 'node:test';
import { RECEIVERS, skipFor, TestDaemon } from '../support/daemon.ts';
import { freeUdpPort } from '../support/ports.ts';
import { sendLocal, sendUdp } from '../support/send.ts';
import { until } from '../support/until.ts';

const CONF = '*.*;syslog.none DIR/all';
const HOST = hostname().split('.')[0] ?? '';
const TIME = String.raw`[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d`;

for (const receiver of RECEIVERS) {
  const options = { skip: skipFor(receiver) };

  test(`${receiver}: logger's forms over the log socket`, options, async (t) => {
    const daemon = await TestDaemon.start(t, { conf: CONF, receiver });
    const logger = (...args: string[]): void => void execFileSync('logger', ['-u', daemon.socket, ...args]);
    logger('-p', 'mail.err', '-t', 'plain', 'one');
    logger('-p', 'local3.debug', '-t', 'withpid', '-i', 'two');
    logger('-t', 'id', '--id=4711', 'three');
    logger('-t', 'eight', 'caf\u00e9 \u2713');
    logger('--rfc5424', '-t', 'app', '--msgid', 'M1', 'four');
    logger('--rfc3164', '-t', 'old', 'five');
    await daemon.line('all', /five/);
    const lines = daemon.lines('all');
    assert.equal(lines.length, 6);
    assert.match(lines[0] ?? '', new RegExp(`^${TIME} ${HOST} plain: one$`));
    assert.match(lines[1] ?? '', new RegExp(`^${TIME} ${HOST} withpid\\[\\d+\\]: two$`));
    assert.match(lines[2] ?? '', new RegExp(`^${TIME} ${HOST} id\\[4711\\]: three$`));
    assert.match(lines[3] ?? '', new RegExp(`^${TIME} ${HOST} eight: caf\u00e9 \u2713$`));
    assert.match(lines[4] ?? '', new RegExp(`^${TIME} ${HOST} app: four$`));
    assert.match(lines[5] ?? '', new RegExp(`^${TIME} ${HOST} old: five$`));
  });

  test(`${receiver}: logger's forms over UDP`, options, async (t) => {
    const port = await freeUdpPort();
    const daemon = await TestDaemon.start(t, { conf: CONF, receiver, args: ['-b', `127.0.0.1:${port}`] });
    const logger = (...args: string[]): void =>
      void execFileSync('logger', ['-n', '127.0.0.1', '-P', `${port}`, '-d', ...args]);
    logger('--rfc3164', '-p', 'mail.err', '-t', 'old', 'one');
    logger('--rfc5424', '-p', 'mail.err', '-t', 'app', '-i', 'two');
    await daemon.line('all', /two/);
    const lines = daemon.lines('all');
    assert.equal(lines.length, 2);
    assert.match(lines[0] ?? '', new RegExp(`^${TIME} 127\\.0\\.0\\.1 old: one$`));
    assert.match(lines[1] ?? '', new RegExp(`^${TIME} 127\\.0\\.0\\.1 app\\[\\d+\\]: two$`));
  });

  test(`${receiver}: 1,500 random datagrams are 1,500 lines of clean UTF-8`, options, async (t) => {
    const port = await freeUdpPort();
    const daemon = await TestDaemon.start(t, {
      conf: '*.* DIR/all',
      receiver,
      args: ['-cc', '-b', `127.0.0.1:${port}`],
    });
    const datagrams = Array.from({ length: 750 }, (_, i) => randomBytes(1 + ((i * 37) % 1400)));
    await sendLocal(daemon.socket, datagrams);
    for (let i = 0; i < 750; i += 50) {
      await sendUdp(port, datagrams.slice(i, i + 50));
      // Nothing is lost on loopback while the receiver keeps up: wait for each group.
      await until('the group has arrived', () => count(daemon) >= 750 + i + 50);
    }
    await sendLocal(daemon.socket, ['<13>test: the end']);
    await daemon.line('all', /test: the end/);
    const bytes = readFileSync(daemon.path('all'));
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    // oxlint-disable-next-line no-control-regex -- control bytes are what is looked for
    assert.equal(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/.exec(text), null);
    assert.equal(count(daemon), 1500 + 1);
  });

  test(`${receiver}: 200,000 messages are all there, in order`, options, async (t) => {
    const daemon = await TestDaemon.start(t, { conf: CONF, receiver });
    const wanted = 200_000;
    await sendLocal(
      daemon.socket,
      Array.from({ length: wanted }, (_, i) => `<13>Nov 20 22:14:15 flood[77]: message ${i} of a flood`),
    );
    await daemon.line('all', new RegExp(`message ${wanted - 1} of`));
    const lines = daemon.lines('all');
    assert.equal(lines.length, wanted);
    const wrong = lines.findIndex((line, i) => line !== `Nov 20 22:14:15 ${HOST} flood[77]: message ${i} of a flood`);
    assert.equal(wrong, -1, lines[wrong]);
  });

  test(`${receiver}: datagrams of 0 bytes, and longer than the limit`, options, async (t) => {
    const port = await freeUdpPort();
    const daemon = await TestDaemon.start(t, { conf: CONF, receiver, args: ['-b', `127.0.0.1:${port}`] });
    await sendLocal(daemon.socket, ['', `<13>a: ${'x'.repeat(20_000)}`, `<13>b: ${'\u00e9'.repeat(10_000)}`]);
    const udp = createSocket('udp4');
    t.after(() => udp.close());
    udp.send(Buffer.alloc(0), port, '127.0.0.1');
    await daemon.line('all', / b: /);
    await until('four lines are there', () => daemon.lines('all').length === 4);
    const lines = daemon.lines('all').toSorted((a, b) => a.length - b.length);
    assert.match(lines[0] ?? '', new RegExp(`^${TIME} (?:${HOST}|127\\.0\\.0\\.1) $`));
    assert.equal(
      / a: (x+)$/.exec(daemon.lines('all').find((line) => line.includes(' a: ')) ?? '')?.[1]?.length,
      8192 - 7,
    );
    const accents = / b: (\u00e9+)$/.exec(daemon.lines('all').find((line) => line.includes(' b: ')) ?? '')?.[1] ?? '';
    assert.equal(accents.length, Math.floor((8192 - 7) / 2), 'the cut falls between characters');
  });
}

function count(daemon: TestDaemon): number {
  return readFileSync(daemon.path('all'), 'latin1')
    .split('\n')
    .filter((line) => line !== '' && !line.includes(' tsyslogd[')).length;
}
