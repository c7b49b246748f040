/**
 * `-a PEER`: what each form means, and what is refused.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatAddressWords } from '../../../../src/input/sender/address-words.ts';
import { matchesPattern, parseAllowRule } from '../../../../src/input/sender/allow-rule.ts';

const SERVICES = 'syslog 514/udp # log\nsyslog-tls 6514/tcp\nnew-log\t1514/udp nl newlog\n';

function describe(text: string): string {
  const rule = parseAllowRule(text, () => SERVICES);
  if ('what' in rule) return `${rule.what}: expected ${rule.expected}`;
  const port = rule.port ?? '*';
  if (rule.kind === 'name') return `${rule.pattern} port ${port}`;
  return `${formatAddressWords(rule.words)} mask ${Buffer.from(rule.mask.buffer).toString('hex')} port ${port}`;
}

const F = 'f'.repeat(24);
const GOOD: readonly (readonly [string, string])[] = [
  ['192.0.2.1', `192.0.2.1 mask ${F}ffffffff port 514`],
  ['192.0.2.77/24', `192.0.2.0 mask ${F}ffffff00 port 514`],
  ['192.0.2.1/32:*', `192.0.2.1 mask ${F}ffffffff port *`],
  ['10.0.0.0/8:1514', `10.0.0.0 mask ${F}ff000000 port 1514`],
  ['10.1.2.3/9:newlog', `10.0.0.0 mask ${F}ff800000 port 1514`],
  ['0.0.0.0/0:*', `0.0.0.0 mask ${F}00000000 port *`],
  ['[2001:db8::1]', `2001:db8::1 mask ${'f'.repeat(32)} port 514`],
  ['[2001:db8::1]/32:*', `2001:db8:: mask ffffffff${'0'.repeat(24)} port *`],
  ['[2001:db8::1/32]:syslog', `2001:db8:: mask ffffffff${'0'.repeat(24)} port 514`],
  ['[::]/0', `:: mask ${'0'.repeat(32)} port 514`],
  ['*', `:: mask ${'0'.repeat(32)} port 514`],
  ['*:*', `:: mask ${'0'.repeat(32)} port *`],
  ['Log.Example.org', 'log.example.org port 514'],
  ['*.example.org:*', '*.example.org port *'],
  ['web?.example.org:nl', 'web?.example.org port 1514'],
];

for (const [text, expected] of GOOD) test(`peer ${text}`, () => assert.equal(describe(text), expected));

const BAD: readonly (readonly [string, RegExp])[] = [
  ['', /^bad peer ``: expected `address/],
  ['192.0.2.1/33', /^bad length `33`: expected a number from 0 to 32$/],
  ['[::1]/129', /^bad length `129`: expected a number from 0 to 128$/],
  ['192.0.2.1/x', /^bad length `x`/],
  ['192.0.2.1:0', /^bad port `0`: expected 1 to 65535/],
  ['192.0.2.1:65536', /^bad port/],
  ['192.0.2.1:nonsense', /^bad port `nonsense`: .*\/etc\/services/],
  ['192.0.2.1:syslog-tls', /^bad port/],
  ['192.0.2.1:', /^bad peer/],
  ['2001:db8::1', /^bad peer/],
  ['[192.0.2.1]', /^bad peer/],
  ['[::1]/3/4', /^bad peer/],
  ['[::1/3]/4', /^bad peer/],
  ['192.168.*', /^bad peer/],
  ['300.1.2.3', /^bad peer/],
  ['name/24', /^bad peer/],
  ['two names', /^bad peer/],
];

for (const [text, expected] of BAD) test(`peer ${text} is refused`, () => assert.match(describe(text), expected));

const PATTERNS: readonly (readonly [string, string, boolean])[] = [
  ['*.example.org', 'web.example.org', true],
  ['*.example.org', 'a.b.example.org', true],
  ['*.example.org', 'example.org', false],
  ['*.example.org', 'web.example.org.evil.net', false],
  ['web?', 'web1', true],
  ['web?', 'web', false],
  ['*', '', true],
  ['a*b*c', 'aXbYbZc', true],
  ['a*b*c', 'aXbYbZ', false],
  ['exact', 'exact', true],
  ['exact', 'exactly', false],
];

for (const [pattern, name, expected] of PATTERNS)
  test(`pattern ${pattern} ${expected ? 'matches' : 'does not match'} ${name}`, () =>
    assert.equal(matchesPattern(pattern, name), expected));

test('pattern of many stars does not stall', () => {
  assert.equal(matchesPattern('*a'.repeat(60), 'a'.repeat(253).concat('b')), false);
});
