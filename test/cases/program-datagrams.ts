/**
 * Headers as programs write them that follow no grammar: more than a pid between tag and colon, tags of several words,
 * hosts without a time, and levels where a host would stand.
 */
import { type DatagramCase, datagramCase, type Expected, stamped } from './datagram-case.ts';

/** A tag and text, the same from everywhere; `rest` is the body. */
function tagged(name: string, rest: string, tag: string, pid: string | undefined, text: string): DatagramCase {
  return datagramCase(name, `<13>${rest}`, { tag, ...(pid === undefined ? {} : { pid }), text, body: rest });
}

/** Text from everywhere, whether or not a time stands before it. */
function untagged(name: string, text: string): readonly DatagramCase[] {
  return [datagramCase(name, `<13>${text}`, { text }), stamped(`${name}, behind a time`, text, { text })];
}

const LONG_GROUP = 'g'.repeat(126);

const GROUPS: readonly DatagramCase[] = [
  tagged('two pids', 'prog[1][2]: x', 'prog', '1', '[2]: x'),
  tagged('three pids, no blank behind the colon', 'prog[1][2][3]:x', 'prog', '1', '[2][3]:x'),
  tagged('pid, blank and parentheses (macOS)', 'sandboxd[129] ([31211]): x', 'sandboxd', '129', '([31211]): x'),
  tagged('pid, blank and a name (macOS)', 'launchd[1] (a.b[7]): x: y', 'launchd', '1', '(a.b[7]): x: y'),
  tagged('blanks in parentheses behind a pid', 'prog[1] (a b (c)): x', 'prog', '1', '(a b (c)): x'),
  tagged('parentheses glued to the pid', 'prog[1](2): x', 'prog', '1', '(2): x'),
  tagged('parentheses around the tag', '(prog)[1]: x', 'prog', '1', 'x'),
  tagged('parentheses around the tag, two pids', '(prog)[1][2]: x', 'prog', '1', '[2]: x'),
  tagged('colon in parentheses (audit)', 'audit(1131538222.234:0): x', 'audit', undefined, '(1131538222.234:0): x'),
  tagged('colon in the second parentheses', 'a(b)(c:d): x', 'a(b)', undefined, '(c:d): x'),
  tagged('parenthesis before a colon, not closed', 'prog(1:2: x', 'prog(1', undefined, '2: x'),
  tagged('parenthesis before a colon and a blank', 'prog(1: 2): x', 'prog(1', undefined, '2): x'),
  tagged('nothing before the parenthesis', '(1:2): x', '(1', undefined, '2): x'),
  tagged('piece of 128 bytes', `prog[1][${LONG_GROUP}]: x`, 'prog', '1', `[${LONG_GROUP}]: x`),
  ...untagged('piece of 129 bytes', `prog[1][${LONG_GROUP}g]: x`),
  ...untagged('two pids, no number', 'prog[a][2]: x'),
  ...untagged('two pids, no colon', 'prog[1][2] x'),
  ...untagged('second pid not closed', 'prog[1][2: x'),
  ...untagged('pid and a word in parentheses, no colon', 'prog[1] (x) y: z'),
];

const GOOGLE: Expected = {
  tag: 'Google Chrome',
  pid: '35628',
  text: 'x',
  body: 'Google Chrome[35628]: x',
  blanks: true,
};
const HELPER: Expected = { tag: 'Helper', pid: '7', text: 'x', body: 'Helper[7]: x' };

const WORDS: readonly DatagramCase[] = [
  datagramCase('tag of two words', '<13>Google Chrome[35628]: x', GOOGLE),
  datagramCase('tag of two words, two pids', '<13>Google Chrome[35628] (a): x', {
    ...GOOGLE,
    text: '(a): x',
    body: 'Google Chrome[35628] (a): x',
  }),
  datagramCase('tag of four words, one a number', '<13>Plex Media 2 Server[7]:x', {
    tag: 'Plex Media 2 Server',
    pid: '7',
    text: 'x',
    body: 'Plex Media 2 Server[7]:x',
    blanks: true,
  }),
  // From the network the first word behind a time is the host.
  stamped(
    'two words behind a time',
    'iTunes Helper[7]: x',
    { ...HELPER, host: 'iTunes' },
    {
      local: { tag: 'iTunes Helper', pid: '7', text: 'x', body: 'iTunes Helper[7]: x', blanks: true },
    },
  ),
  stamped(
    'host and tag of two words',
    'host Google Chrome[35628]: x',
    { ...GOOGLE, host: 'host' },
    {
      local: { text: 'host Google Chrome[35628]: x' },
    },
  ),
  stamped(
    'own name and tag of two words',
    'thishost Google Chrome[35628]: x',
    { ...GOOGLE, host: 'thishost' },
    {
      local: { ...GOOGLE, host: 'thishost' },
    },
  ),
  // Behind a time, and with `-H` also without, the first word may be the host.
  datagramCase(
    'five words',
    '<13>One Two Three Four Five[7]: x',
    { text: 'One Two Three Four Five[7]: x' },
    {
      networkKeep: {
        host: 'One',
        tag: 'Two Three Four Five',
        pid: '7',
        text: 'x',
        body: 'Two Three Four Five[7]: x',
        blanks: true,
      },
    },
  ),
  ...['lost connection[7]: x', 'Lost connection[7]: x'].map((text) =>
    datagramCase(
      `two words, small letters: ${text}`,
      `<13>${text}`,
      { text },
      {
        networkKeep: { host: text.slice(0, 4), tag: 'connection', pid: '7', text: 'x', body: 'connection[7]: x' },
      },
    ),
  ),
  ...['Google Chrome: x', 'Google Chrome[abc]: x', `A ${'B'.repeat(47)}: x`, 'A B C[1] x'].map((text) =>
    datagramCase(`no tag of two words: ${text}`, `<13>${text}`, { text }),
  ),
];

const TAG: Expected = { tag: 'tag', pid: '1', text: 'x', body: 'tag[1]: x' };
const BARE_TAG: Expected = { tag: 'tag', text: 'x', body: 'tag: x' };

/** Without a time: `network`, `networkKeep`, and the two ways of a log socket alike. */
function untimed(name: string, text: string, network: Expected, keep: Expected, local: Expected): DatagramCase {
  return datagramCase(name, `<13>${text}`, network, { networkKeep: keep, local, localKeep: local });
}

const HOSTS: readonly DatagramCase[] = [
  untimed(
    'own name without a time (libsyslog)',
    'thishost tag[1]: x',
    { text: 'thishost tag[1]: x' },
    { ...TAG, host: 'thishost' },
    { ...TAG, host: 'thishost' },
  ),
  untimed(
    'own name without a time, no pid',
    'thishost tag: x',
    { text: 'thishost tag: x' },
    { ...BARE_TAG, host: 'thishost' },
    { ...BARE_TAG, host: 'thishost' },
  ),
  untimed(
    'own name without a time, tag of two words',
    'thishost Google Chrome[35628]: x',
    { text: 'thishost Google Chrome[35628]: x' },
    { ...GOOGLE, host: 'thishost' },
    { ...GOOGLE, host: 'thishost' },
  ),
  untimed(
    "sender's name without a time",
    'peer1 tag: x',
    { ...BARE_TAG, host: 'peer1' },
    { ...BARE_TAG, host: 'peer1' },
    { text: 'peer1 tag: x' },
  ),
  untimed(
    'host without a time, pid',
    'web01 tag[1]: x',
    { text: 'web01 tag[1]: x' },
    { ...TAG, host: 'web01' },
    { text: 'web01 tag[1]: x' },
  ),
  ...['web01 tag: x', 'disk failure: x', 'web01 tag[a]: x', 'thishost is down', 'peer1 is down', 'thishost'].map(
    (text) => untimed(`no host without a time: ${text}`, text, { text }, { text }, { text }),
  ),
  ...['ERROR tag[1]: x', '- tag[1]: x', '[main] tag[1]: x', 'h{st tag[1]: x'].map((text) =>
    untimed(`no name without a time: ${text}`, text, { text }, { text }, { text }),
  ),
];

const MILLIS = '2024-11-20T17:41:44.747+01:00';

/** Behind a time, text from everywhere. */
function level(text: string): DatagramCase {
  return datagramCase(`no host: ${text}`, `<13>2024-11-20 17:41:44,747 ${text}`, { time: MILLIS, text });
}

const LEVELS: readonly DatagramCase[] = [
  ...[
    '- INFO - x',
    '- INFO',
    'INFO',
    'INFO x',
    'INFO a.b.C: x',
    'warning a[1]: x',
    'Error a.b.C: x',
    'EMERGENCY x',
  ].map(level),
  ...['[main] a.b.C: x', '[INFO] a: x', '(main) a: x', '<main> a: x', '| a: x', '-- a: x', '.x a: y', '* a: x'].map(
    level,
  ),
  stamped('level as a tag', 'INFO: x', { tag: 'INFO', text: 'x', body: 'INFO: x' }),
  stamped('name that begins like a level', 'info1 tag[1]: x', { ...TAG, host: 'info1' }),
  stamped('name with a level in it', 'err.example.org tag[1]: x', { ...TAG, host: 'err.example.org' }),
  stamped('parenthesis and quote first (UniFi)', '("U7LT,802aa8000000,v3.7.58") tag[1]: x', {
    ...TAG,
    host: '("U7LT,802aa8000000,v3.7.58")',
  }),
  stamped('underscore first', '_gateway tag[1]: x', { ...TAG, host: '_gateway' }),
  stamped('IPv4 address in brackets', '[192.0.2.1] tag[1]: x', { ...TAG, host: '[192.0.2.1]' }),
  stamped('IPv6 address that begins with colons', '::1 tag[1]: x', { ...TAG, host: '::1' }),
];

/** Headers that follow no grammar. */
export const PROGRAM_DATAGRAMS: readonly DatagramCase[] = [...GROUPS, ...WORDS, ...HOSTS, ...LEVELS];
