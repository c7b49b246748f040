/**
 * A real proxy logs to the daemon: over the log socket in its own traditional form, over UDP in RFC 5424.
 */
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { get } from 'node:http';
import { test } from 'node:test';
import { cleanUp, TestDaemon } from '../support/daemon.ts';
import { freeUdpPort } from '../support/ports.ts';
import { PATIENCE_MS, until } from '../support/until.ts';

const skip = spawnSync('sh', ['-c', 'command -v haproxy']).status === 0 ? false : 'haproxy is not installed';
const REQUESTS = 200;
/** Requests before their lines are waited for; less than a log socket's queue holds. Source: unix(7). */
const GROUP = 5;

/** @returns the status of a request; undefined while nobody listens. */
function request(port: number, path: string): Promise<number | undefined> {
  return new Promise((resolve) => {
    const asked = get({ host: '127.0.0.1', port, path, agent: false, timeout: PATIENCE_MS }, (response) => {
      response.resume();
      response.on('end', () => resolve(response.statusCode));
    });
    asked.on('timeout', () => asked.destroy());
    asked.on('error', () => resolve(undefined));
  });
}

test('haproxy: every request is one line in each of its two logs, whole', { skip }, async (t) => {
  const port = await freeUdpPort();
  const http = await freeUdpPort();
  const conf = 'local0.* DIR/socket\nlocal1.* DIR/udp ;RFC5424';
  const daemon = await TestDaemon.start(t, { conf, args: ['-b', `127.0.0.1:${port}`] });
  const settings = [
    'global',
    `  log ${daemon.socket} local0`,
    `  log 127.0.0.1:${port} format rfc5424 local1`,
    'defaults',
    '  mode http',
    '  log global',
    '  option httplog',
    '  timeout client 5s',
    '  timeout connect 5s',
    '  timeout server 5s',
    'frontend front',
    `  bind 127.0.0.1:${http}`,
    '  http-request return status 200 content-type text/plain string ok',
    '',
  ];
  writeFileSync(daemon.path('haproxy.cfg'), settings.join('\n'));
  const proxy = spawn('haproxy', ['-db', '-f', daemon.path('haproxy.cfg')], { stdio: 'ignore' });
  const gone = new Promise((resolve) => proxy.once('close', resolve));
  cleanUp(t, async () => {
    proxy.kill('SIGKILL');
    await gone;
  });
  await until('the proxy answers', () => request(http, '/first'));
  const asked = (name: string): string[] =>
    readFileSync(daemon.path(name), 'utf8')
      .split('\n')
      .filter((line) => line.includes('GET /request/'));
  // The proxy drops what a log socket has no room for at once, and the kernel gives it room for ten: so it is asked
  // in groups. It keeps no order either: the last request may be logged before others are.
  for (let done = 0; done < REQUESTS; done += GROUP) {
    for (let i = done; i < done + GROUP; i++) assert.equal(await request(http, `/request/${i}`), 200);
    for (const name of ['socket', 'udp']) await until(`${name} has all`, () => asked(name).length >= done + GROUP);
  }
  await daemon.stop();
  for (const name of ['socket', 'udp']) {
    const numbers = asked(name).map((line) => Number(/"GET \/request\/(\d+) HTTP\/1\.1"$/.exec(line)?.[1]));
    // The proxy itself does not keep the order: it logs when a connection has ended.
    assert.deepEqual(
      numbers.toSorted((a, b) => a - b),
      Array.from(numbers, (_, i) => i),
    );
    assert.equal(numbers.length, REQUESTS);
  }
  assert.match(asked('socket')[0] ?? '', / haproxy\[\d+\]: 127\.0\.0\.1:\d+ \[.*\] front front\/<NOSRV> /);
  assert.match(asked('udp')[0] ?? '', /^\d{4}-\d\d-\d\dT\S+ 127\.0\.0\.1 haproxy \d+ - - 127\.0\.0\.1:\d+ \[/);
});
