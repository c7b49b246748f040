/**
 * rsyslog as log host of tsyslogd, and the other way round, over UDP in every form that both know.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TestDaemon } from '../support/daemon.ts';
import { freeUdpPort } from '../support/ports.ts';
import { Rsyslog, rsyslogMissing } from '../support/rsyslog.ts';
import { sendLocal } from '../support/send.ts';
import { until } from '../support/until.ts';

const skip = rsyslogMissing();

/** What rsyslog understood, one line a message, fields between bars. */
const FIELDS =
  '%pri%|%hostname%|%app-name%|%procid%|%msgid%|%structured-data%|%msg%|%timereported:::date-rfc3339%|%syslogtag%\\n';

/** The last message of each test: after it everything has arrived. */
const MESSAGES: readonly string[] = [
  '<13>prog[42]: plain text',
  '<165>1 2024-11-20T22:14:15.003456+01:00 mymachine evntslog 1370 ID47 [exampleSDID@32473 iut="3" eventSource="App\\"\\\\\\]x"] An event: \u00e9\u4e16',
  '<34>1 2024-11-20T21:14:15.25Z host2 su - - - no pid, no id',
  '<22>postfix/smtpd[99]: connect from unknown[192.0.2.1]: a: b',
  '<14>no tag here',
  '<13>tab\there[1]: x\ty',
];

function fieldsConf(port: number): string {
  return `module(load="imudp")
template(name="fields" type="string" string="${FIELDS}")
input(type="imudp" port="${port}" address="127.0.0.1" ruleset="net")
ruleset(name="net") { action(type="omfile" file="DIR/net" template="fields") }`;
}

/** Sends the messages to tsyslogd, which forwards them to rsyslog. @returns fields, the time reported last */
async function toRsyslog(t: test.TestContext, options: string): Promise<readonly (readonly string[])[]> {
  const port = await freeUdpPort();
  const rsyslog = await Rsyslog.start(t, fieldsConf(port), port);
  const daemon = await TestDaemon.start(t, {
    conf: `*.*;syslog.none @127.0.0.1:${port}${options}`,
    args: ['-s', '-H'],
  });
  await sendLocal(daemon.socket, MESSAGES);
  return (await rsyslog.lines('net', MESSAGES.length)).map((line) => line.split('|'));
}

test('tsyslogd to rsyslog, RFC 5424: every field arrives', { skip }, async (t) => {
  const rows = await toRsyslog(t, ' ;RFC5424');
  const host = rows[0]?.[1] ?? '';
  assert.notEqual(host, '');
  assert.deepEqual(
    rows.map((row) => row.slice(0, 7)),
    [
      ['13', host, 'prog', '42', '-', '-', 'plain text'],
      [
        '165',
        'mymachine',
        'evntslog',
        '1370',
        'ID47',
        '[exampleSDID@32473 iut="3" eventSource="App\\"\\\\\\]x"]',
        'An event: \u00e9\u4e16',
      ],
      ['34', 'host2', 'su', '-', '-', '-', 'no pid, no id'],
      ['22', host, 'postfix/smtpd', '99', '-', '-', 'connect from unknown[192.0.2.1]: a: b'],
      ['14', host, '-', '-', '-', '-', 'no tag here'],
      ['13', host, '-', '-', '-', '-', 'tab#011here[1]: x#011y'],
    ],
  );
  assert.equal(rows[1]?.[7], '2024-11-20T22:14:15.003456+01:00');
  assert.equal(rows[2]?.[7], '2024-11-20T21:14:15.250000+00:00');
});

test('tsyslogd to rsyslog, RFC 3164: priority, host, tag, pid and text arrive', { skip }, async (t) => {
  const rows = await toRsyslog(t, ' ;RFC3164');
  const host = rows[0]?.[1] ?? '';
  // rsyslog's own field for the program ends at a slash; its tag does not.
  const shown = rows.slice(0, 4).map((row) => [row[0], row[1], row[8], row[6]?.trimStart()]);
  assert.deepEqual(shown, [
    ['13', host, 'prog[42]:', 'plain text'],
    ['165', 'mymachine', 'evntslog[1370]:', 'An event: \u00e9\u4e16'],
    ['34', 'host2', 'su:', 'no pid, no id'],
    ['22', host, 'postfix/smtpd[99]:', 'connect from unknown[192.0.2.1]: a: b'],
  ]);
});

test('tsyslogd to rsyslog, BSD: priority, tag, pid and text arrive, the host is the sender', { skip }, async (t) => {
  const rows = await toRsyslog(t, '');
  const shown = rows.slice(0, 1).map((row) => [row[0], row[2], row[3], row[6]?.trimStart()]);
  assert.deepEqual(shown, [['13', 'prog', '42', 'plain text']]);
});

/**
 * Templates of rsyslog, the form in which it gets the messages, and what an RFC 5424 line of tsyslogd then shows.
 * From RFC 5424 to RFC 3164 rsyslog writes no colon behind the tag, so that such messages have none any more.
 */
const TEMPLATES: readonly (readonly [template: string, form: string, event: RegExp, plain: RegExp])[] = [
  [
    'RSYSLOG_SyslogProtocol23Format',
    'RFC5424',
    /^2024-11-20T22:14:15\.003456\+01:00 mymachine evntslog 1370 ID47 \[exampleSDID@32473 iut="3"\] An event$/,
    /^2024-11-20T22:14:16\.000000\+00:00 web1 prog 42 - - plain text$/,
  ],
  [
    'RSYSLOG_ForwardFormat',
    'RFC3164',
    /^\d{4}-11-20T\S+ mymachine evntslog 1370 - - An event$/,
    /^\d{4}-11-20T\S+ web1 prog 42 - - plain text$/,
  ],
  [
    'RSYSLOG_TraditionalForwardFormat',
    'RFC3164',
    /^\d{4}-11-20T\S+ mymachine evntslog 1370 - - An event$/,
    /^\d{4}-11-20T\S+ web1 prog 42 - - plain text$/,
  ],
];

for (const [template, form, event, plain] of TEMPLATES)
  test(`rsyslog to tsyslogd, ${template}`, { skip }, async (t) => {
    const port = await freeUdpPort();
    const from = await freeUdpPort();
    const daemon = await TestDaemon.start(t, {
      conf: 'user.=notice DIR/user ;RFC5424\nlocal4.=notice DIR/local4 ;RFC5424',
      args: ['-H', '-b', `127.0.0.1:${port}`],
    });
    await Rsyslog.start(
      t,
      `module(load="imudp")
input(type="imudp" port="${from}" address="127.0.0.1" ruleset="on")
ruleset(name="on") { action(type="omfwd" target="127.0.0.1" port="${port}" protocol="udp" template="${template}") }`,
      from,
    );
    const sender = await TestDaemon.start(t, {
      conf: `*.*;syslog.none @127.0.0.1:${from} ;${form}`,
      args: ['-s', '-H'],
    });
    await sendLocal(sender.socket, [
      '<165>1 2024-11-20T22:14:15.003456+01:00 mymachine evntslog 1370 ID47 [exampleSDID@32473 iut="3"] An event',
      '<13>1 2024-11-20T22:14:16Z web1 prog 42 - - plain text',
    ]);
    await until('both messages arrive', () => daemon.lines('user').length > 0 && daemon.lines('local4').length > 0);
    assert.match(daemon.lines('local4')[0] ?? '', event);
    assert.match(daemon.lines('user')[0] ?? '', plain);
  });

test('rsyslog to tsyslogd: its own messages arrive with its tag', { skip }, async (t) => {
  const port = await freeUdpPort();
  const daemon = await TestDaemon.start(t, { conf: 'syslog.* DIR/rs', args: ['-b', `127.0.0.1:${port}`] });
  await Rsyslog.start(t, `*.* action(type="omfwd" target="127.0.0.1" port="${port}" protocol="udp")`);
  assert.match(await daemon.line('rs', /rsyslogd: /), / rsyslogd: .*start/);
});
