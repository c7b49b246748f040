import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { type TestContext, test } from 'node:test';
import { ReverseDns, safePeerName } from '../../../src/input/reverse-dns.ts';

const SAFE: ReadonlyArray<readonly [string, string | null]> = [
  ['Web1.Example.ORG.', 'web1.example.org'],
  ['web_1', 'web_1'],
  ['xn--bcher-kva.example', 'xn--bcher-kva.example'],
  ['', null],
  ['.', null],
  ['a..b', null],
  ['web1 root', null],
  ['web1\n<0>panic', null],
  ['\u001b[31mred', null],
  ['bücher.example', null],
  ['127.0.0.1', null],
  ['1.0.0.127.0x7f', null],
  ['10.in-addr.arpa.1', null],
  ['a'.repeat(254), null],
];
for (const [answer, expected] of SAFE) {
  test(`safePeerName of ${JSON.stringify(answer.slice(0, 40))} is ${expected === null ? 'refused' : expected}`, () => {
    assert.equal(safePeerName(answer), expected);
  });
}

/** A name server that answers every question with one PTR record, or, for null, that there is none. */
async function nameServer(t: TestContext, name: string | null): Promise<string> {
  const server = createSocket('udp4');
  t.after(() => server.close());
  server.on('message', (query, from) => {
    const question = query.subarray(12, query.indexOf(0, 12) + 5);
    const header = Buffer.from(query.subarray(0, 12));
    header.writeUInt16BE(name === null ? 0x8183 : 0x8180, 2);
    header.writeUInt16BE(1, 4);
    header.writeUInt16BE(name === null ? 0 : 1, 6);
    header.writeUInt32BE(0, 8);
    const labels = (name ?? '').split('.').flatMap((label) => [Buffer.from([label.length]), Buffer.from(label)]);
    const data = Buffer.concat([...labels, Buffer.from([0])]);
    const record = Buffer.from([0xc0, 12, 0, 12, 0, 1, 0, 0, 0, 60, 0, data.length]);
    server.send(Buffer.concat([header, question, ...(name === null ? [] : [record, data])]), from.port, from.address);
  });
  server.bind(0, '127.0.0.1');
  await once(server, 'listening');
  return `127.0.0.1:${server.address().port}`;
}

async function ask(dns: ReverseDns, address: string): Promise<string | null> {
  return await new Promise((resolve) => {
    assert.ok(dns.ask(address, resolve));
  });
}

test('ReverseDns yields the name that the server gives', async (t) => {
  const dns = new ReverseDns([await nameServer(t, 'Web1.example.org')]);
  t.after(() => dns.close());
  assert.equal(await ask(dns, '198.51.100.7'), 'web1.example.org');
  assert.equal(await ask(dns, '2001:db8::7'), 'web1.example.org');
});

test('ReverseDns yields null where the server knows no name, or an unsafe one', async (t) => {
  const none = new ReverseDns([await nameServer(t, null)]);
  const unsafe = new ReverseDns([await nameServer(t, '127.0.0.1')]);
  t.after(() => [none, unsafe].forEach((dns) => dns.close()));
  assert.equal(await ask(none, '198.51.100.7'), null);
  assert.equal(await ask(unsafe, '198.51.100.7'), null);
});

test('ReverseDns refuses further questions while 32 are open, and all after close', async (t) => {
  const silent = createSocket('udp4');
  t.after(() => silent.close());
  silent.bind(0, '127.0.0.1');
  await once(silent, 'listening');
  const dns = new ReverseDns([`127.0.0.1:${silent.address().port}`]);
  const taken = Array.from({ length: 40 }, (_, i) => dns.ask(`198.51.100.${i}`, () => assert.fail('closed')));
  assert.equal(taken.filter(Boolean).length, 32);
  dns.close();
  assert.equal(
    dns.ask('198.51.100.99', () => assert.fail('closed')),
    false,
  );
});
