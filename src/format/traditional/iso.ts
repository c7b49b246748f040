/**
 * HOT PATH. The traditional line with the time of RFC 3339: `2024-11-20T22:14:15.123456+01:00 HOST TAG[PID]: TEXT`.
 */
import { Rfc3339Time } from '../bytes/rfc3339-time.ts';
import { TraditionalFormat } from './traditional.ts';

export class IsoFormat extends TraditionalFormat {
  /** @param keep8bit `-8`: bytes above 0x7f pass as received */
  constructor(keep8bit: boolean) {
    super(keep8bit, new Rfc3339Time());
  }
}
