/**
 * Groups: one daemon forwards to them, others listen, each on its interface, in a network made for the test.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RECEIVERS, skipFor, TestDaemon } from '../support/daemon.ts';
import { OWN_NET, ownNetMissing, runInNet, sameNet } from '../support/own-net.ts';
import { sendLocal } from '../support/send.ts';

const missing = ownNetMissing();
const V4 = '239.1.2.3:5140';
const V6 = '[ff02::1234]:5140';

for (const receiver of RECEIVERS) {
  test(`${receiver}: groups are joined, and sent to, on the interface named`, {
    skip: missing === false ? skipFor(receiver) : missing,
  }, async (t) => {
    const first = await TestDaemon.start(t, {
      conf: '*.*;syslog.none DIR/all',
      receiver,
      wrapper: OWN_NET,
      args: ['-b', `${V4}%d0`, '-b', `${V6}%d0`],
    });
    const second = await TestDaemon.start(t, {
      conf: '*.*;syslog.none DIR/all',
      receiver,
      wrapper: sameNet(first),
      args: ['-b', `${V4}%d1`, '-b', '[ff02::1234%d1]:5140'],
    });
    const sender = await TestDaemon.start(t, {
      conf: `mail.* @${V4} ;iface=d0,ttl=1
mail.* @${V6} ;iface=d0
news.* @${V4} ;iface=d1
news.* @${V6} ;iface=d1,ttl=5`,
      receiver,
      wrapper: sameNet(first),
      args: ['-s'],
    });
    await sendLocal(sender.socket, ['<22>t: mail', '<62>t: news', '<22>t: mail end', '<62>t: news end']);
    await first.line('all', /mail end$/);
    await second.line('all', /news end$/);
    await sendLocal(sender.socket, ['<22>t: mail last', '<62>t: news last']);
    await first.line('all', /2001.*mail last$|fe80.*mail last$/);
    await second.line('all', /2001.*news last$|fe80.*news last$/);
    await first.line('all', /192\.0\.2\.1 t: mail last$/);
    await second.line('all', /198\.51\.100\.1 t: news last$/);
    const texts = (daemon: TestDaemon): string[] =>
      daemon
        .lines('all')
        .map((line) => line.replace(/^.* t: /, ''))
        .toSorted();
    // The portable receiver cannot keep out what others have joined on other interfaces: see portable-udp.ts.
    const own = (daemon: TestDaemon, word: string): string[] =>
      texts(daemon).filter((text) => receiver === 'batch' || text.startsWith(word));
    assert.deepEqual(own(first, 'mail'), ['mail', 'mail', 'mail end', 'mail end', 'mail last', 'mail last']);
    assert.deepEqual(own(second, 'news'), ['news', 'news', 'news end', 'news end', 'news last', 'news last']);
  });

  test(`${receiver}: an interface that is not there yet is told, and joined once it is`, {
    skip: missing === false ? skipFor(receiver) : missing,
  }, async (t) => {
    const daemon = await TestDaemon.start(t, {
      conf: '*.*;syslog.none DIR/all\nuser.* @239.1.2.3:5141 ;iface=later',
      receiver,
      wrapper: OWN_NET,
      args: ['-b', `${V4}%later`],
    });
    await daemon.line('self', /cannot listen on UDP 239\.1\.2\.3:5140: .*: retrying$/);
    await sendLocal(daemon.socket, ['<13>t: waits']);
    await daemon.line('self', /cannot send to loghost "@239\.1\.2\.3:5141": /);
    runInNet(daemon, 'ip', 'link', 'add', 'later', 'type', 'veth', 'peer', 'name', 'laterpeer');
    runInNet(daemon, 'ip', 'link', 'set', 'laterpeer', 'up');
    runInNet(daemon, 'ip', 'addr', 'add', '203.0.113.1/24', 'dev', 'later');
    runInNet(daemon, 'ip', 'link', 'set', 'later', 'up', 'multicast', 'on');
    await daemon.line('self', /now listening on UDP 239\.1\.2\.3:5140$/);
    await daemon.line('self', /writing to loghost "@239\.1\.2\.3:5141" again$/);
  });
}
