/**
 * Senders in their own processes that send numbered messages at a steady rate, one send(2) each, until told to stop:
 * they know what the kernel answered to each.
 */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { TestContext } from 'node:test';
import { cleanUp } from './daemon.ts';
import { until } from './until.ts';

/** Perl, since send(2) of Node.js never blocks. Stops at the end of its standard input. */
const SCRIPT = String.raw`
use strict; use Socket; use IO::Select; use Time::HiRes qw(time sleep);
my ($kind, $to, $tag, $rate) = @ARGV;
my $address = $kind eq 'udp' ? pack_sockaddr_in($to, inet_aton('127.0.0.1')) : pack_sockaddr_un($to);
socket(my $socket, $kind eq 'udp' ? AF_INET : AF_UNIX, SOCK_DGRAM, 0) or die "socket: $!";
connect($socket, $address) or die "connect: $!";
my $input = IO::Select->new(\*STDIN);
my ($sent, $failed, $begin) = (0, 0, time);
$| = 1; print "ready\n";
until ($input->can_read(0)) {
  for (1 .. 20) {
    my $early = $begin + $sent / $rate - time;
    sleep($early) if $early > 0;
    defined(send($socket, "<13>$tag: " . ($sent + $failed), 0)) ? $sent++ : $failed++;
  }
}
print "$sent $failed\n";
`;

export type SenderKind = 'local' | 'udp';

export class NumberedSender {
  readonly tag: string;
  readonly #result: Promise<string>;
  readonly #end: () => void;

  private constructor(tag: string, result: Promise<string>, end: () => void) {
    this.tag = tag;
    this.#result = result;
    this.#end = end;
  }

  /** @param to path of a log socket, or port on 127.0.0.1. A local sender waits while there is no room. */
  static async start(
    context: TestContext,
    kind: SenderKind,
    to: string,
    tag: string,
    rate: number,
  ): Promise<NumberedSender> {
    const child = spawn('perl', ['-e', SCRIPT, kind, to, tag, String(rate)], { stdio: ['pipe', 'pipe', 'inherit'] });
    cleanUp(context, () => child.kill('SIGKILL'));
    let said = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (said += text));
    const result = once(child, 'close').then(() => said);
    await until('the sender is ready', () => said.includes('\n') || child.exitCode !== null);
    assert.match(said, /^ready\n/);
    return new NumberedSender(tag, result, () => child.stdin.end());
  }

  /** Stops it. @returns number of messages sent; fails if the kernel refused one */
  async stop(): Promise<number> {
    this.#end();
    const [sent = '', failed = ''] = ((await this.#result).split('\n')[1] ?? '').split(' ');
    assert.equal(failed, '0', `no send of ${this.tag} failed`);
    return Number(sent);
  }
}

/** The numbers after a tag, in line order. */
export function numbersOf(lines: readonly string[], tag: string): readonly number[] {
  return lines.flatMap((line) => {
    const at = line.indexOf(` ${tag}: `);
    return at < 0 ? [] : [Number(line.slice(at + tag.length + 3))];
  });
}

/** Every message of a sender is there once, in order. */
export function assertComplete(lines: readonly string[], tag: string, sent: number): void {
  const numbers = numbersOf(lines, tag);
  const wrong = numbers.findIndex((number, idx) => number !== idx);
  const around = numbers.slice(Math.max(0, wrong - 2), wrong + 3).join(', ');
  assert.equal(wrong, -1, `${tag}: line ${wrong} is not number ${wrong}: ${around}`);
  assert.equal(numbers.length, sent, `${tag}: as many lines as messages`);
}
