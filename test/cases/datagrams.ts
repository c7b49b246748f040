/**
 * All tables of datagrams in one list.
 */
import { AWKWARD_RFC5424 } from './awkward-rfc5424.ts';
import { AWKWARD_TRADITIONAL } from './awkward-traditional.ts';
import type { DatagramCase } from './datagram-case.ts';
import { FIELD_DATAGRAMS } from './field-datagrams.ts';
import { PROGRAM_DATAGRAMS } from './program-datagrams.ts';
import { RFC_EXAMPLES } from './rfc-examples.ts';

export const DATAGRAM_CASES: readonly DatagramCase[] = [
  ...AWKWARD_TRADITIONAL,
  ...AWKWARD_RFC5424,
  ...RFC_EXAMPLES,
  ...FIELD_DATAGRAMS,
  ...PROGRAM_DATAGRAMS,
];
