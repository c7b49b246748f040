/**
 * The examples that RFC 3164 §5.4 and RFC 5424 §6.2.3.1, §6.3.5 and §6.5 give.
 */
import { type DatagramCase, datagramCase, withoutPri } from './datagram-case.ts';

const DO_NUTS =
  "%% It's time to make the do-nuts.  %%  Ingredients: Mix=OK, Jelly=OK # Devices: Mixer=OK, " +
  'Jelly_Injector=OK, Frier=OK # Transport: Conveyer1=OK, Conveyer2=OK # %%';
const SU = "'su root' failed for lonvick on /dev/pts/8";
const FOLKS = "That's All Folks!";
const SD = '[exampleSDID@32473 iut="3" eventSource="Application" eventID="1011"]';
const SD_PRIORITY = '[examplePriority@32473 class="high"]';
const TIME_5424 = '2003-10-11T22:14:15.003+00:00';
const EVENT = 'An application event log entry...';

const RFC3164: readonly DatagramCase[] = [
  datagramCase('RFC 3164 §5.4 example 1', `<34>Oct 11 22:14:15 mymachine su: ${SU}`, {
    pri: 34,
    time: '2024-10-11T22:14:15+01:00',
    host: 'mymachine',
    tag: 'su',
    text: SU,
    body: `su: ${SU}`,
  }),
  withoutPri('RFC 3164 §5.4 example 2', 'Use the BFG!'),
  datagramCase('RFC 3164 §5.4 example 3', `<165>Aug 24 05:34:00 CST 1987 mymachine myproc[10]: ${DO_NUTS}`, {
    pri: 165,
    time: '1987-08-24T05:34:00-06:00',
    host: 'mymachine',
    tag: 'myproc',
    pid: '10',
    text: DO_NUTS,
    body: `myproc[10]: ${DO_NUTS}`,
  }),
  datagramCase(
    'RFC 3164 §5.4 example 4',
    `<0>1990 Oct 22 10:52:01 TZ-6 scapegoat.dmz.example.org 10.1.2.3 sched[0]: ${FOLKS}`,
    {
      pri: 8,
      time: '1990-10-22T10:52:01+01:00',
      text: `TZ-6 scapegoat.dmz.example.org 10.1.2.3 sched[0]: ${FOLKS}`,
    },
    {
      networkKeep: {
        pri: 8,
        time: '1990-10-22T10:52:01+01:00',
        host: 'TZ-6',
        text: `scapegoat.dmz.example.org 10.1.2.3 sched[0]: ${FOLKS}`,
      },
    },
  ),
];

const EXAMPLE = { pri: 165, time: TIME_5424, host: 'mymachine.example.com', tag: 'evntslog', msgId: 'ID47' } as const;

function eventCase(name: string, rest: string, sd: string, text: string): DatagramCase {
  return datagramCase(name, `<165>1 2003-10-11T22:14:15.003Z mymachine.example.com evntslog - ID47 ${rest}`, {
    ...EXAMPLE,
    sd,
    text,
    body: `evntslog - ID47 ${rest}`,
    rfc5424: true,
  });
}

function timeCase(stamp: string, time: string): DatagramCase {
  return datagramCase(`RFC 5424 §6.2.3.1 ${stamp}`, `<14>1 ${stamp} - - - - - x`, {
    pri: 14,
    time,
    text: 'x',
    body: '- - - - x',
    rfc5424: true,
  });
}

const RFC5424: readonly DatagramCase[] = [
  datagramCase(
    'RFC 5424 §6.5 example 1',
    `<34>1 2003-10-11T22:14:15.003Z mymachine.example.com su - ID47 - \u{feff}${SU}`,
    {
      pri: 34,
      time: TIME_5424,
      host: 'mymachine.example.com',
      tag: 'su',
      msgId: 'ID47',
      text: SU,
      body: `su - ID47 - \u{feff}${SU}`,
      rfc5424: true,
    },
  ),
  datagramCase(
    'RFC 5424 §6.5 example 2',
    `<165>1 2003-08-24T05:14:15.000003-07:00 192.0.2.1 myproc 8710 - - ${DO_NUTS}`,
    {
      pri: 165,
      time: '2003-08-24T05:14:15.000003-07:00',
      host: '192.0.2.1',
      tag: 'myproc',
      pid: '8710',
      text: DO_NUTS,
      body: `myproc 8710 - - ${DO_NUTS}`,
      rfc5424: true,
    },
  ),
  eventCase('RFC 5424 §6.5 example 3', `${SD} \u{feff}${EVENT}`, SD, EVENT),
  eventCase('RFC 5424 §6.5 example 4', `${SD}${SD_PRIORITY}`, `${SD}${SD_PRIORITY}`, ''),
  timeCase('1985-04-12T23:20:50.52Z', '1985-04-12T23:20:50.520000+00:00'),
  timeCase('1985-04-12T19:20:50.52-04:00', '1985-04-12T19:20:50.520000-04:00'),
  timeCase('2003-10-11T22:14:15.003Z', TIME_5424),
  timeCase('2003-08-24T05:14:15.000003-07:00', '2003-08-24T05:14:15.000003-07:00'),
  // DEVIATION(RFC 5424 §6.2.3): more than six digits are taken, and cut to microseconds.
  timeCase('2003-08-24T05:14:15.000000003-07:00', '2003-08-24T05:14:15.000000-07:00'),
  eventCase('RFC 5424 §6.3.5 example 1', `${SD} x`, SD, 'x'),
  eventCase('RFC 5424 §6.3.5 example 2', `${SD}${SD_PRIORITY} x`, `${SD}${SD_PRIORITY}`, 'x'),
  eventCase('RFC 5424 §6.3.5 example 3', `${SD} ${SD_PRIORITY} x`, SD, `${SD_PRIORITY} x`),
  eventCase('RFC 5424 §6.3.5 example 5', '[sigSig ver="1" rsID="1234"] x', '[sigSig ver="1" rsID="1234"]', 'x'),
  datagramCase(
    'RFC 5424 §6.3.5 example 4',
    `<165>1 2003-10-11T22:14:15.003Z mymachine.example.com evntslog - ID47 [ ${SD.slice(1)} x`,
    {
      pri: 165,
      text: `1 2003-10-11T22:14:15.003Z mymachine.example.com evntslog - ID47 [ ${SD.slice(1)} x`,
      failed: true,
    },
  ),
];

/** Examples of the standards. */
export const RFC_EXAMPLES: readonly DatagramCase[] = [...RFC3164, ...RFC5424];
