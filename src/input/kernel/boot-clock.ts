/**
 * Converts the kernel's time, which counts from boot, to the wall clock, and follows when that is set.
 */
import { wallDate, type Zone } from '../../protocol/calendar.ts';

/** Smaller differences only show that reading two clocks takes time. */
const CLOCK_SET_MS = 100;

function bootTimeMs(): number {
  return Date.now() - Number(process.hrtime.bigint() / 1_000_000n);
}

export class BootClock {
  readonly #zone: Zone;
  /** Epoch milliseconds at which the monotonic clock started, according to the wall clock. */
  #bootMs = bootTimeMs();

  /** @param zone for {@link spell} */
  constructor(zone: Zone) {
    this.#zone = zone;
  }

  /** Notices that the wall clock was set. */
  look(): void {
    const bootMs = bootTimeMs();
    if (Math.abs(bootMs - this.#bootMs) > CLOCK_SET_MS) this.#bootMs = bootMs;
  }

  /**
   * @param usec since boot
   * @returns RFC 3339 with microseconds, on this machine's wall clock
   */
  spell(usec: number): string {
    const epochMs = this.#bootMs + Math.floor(usec / 1000);
    const offsetMin = this.#zone.offsetMinAt(Math.floor(epochMs / 1000));
    const wall = wallDate(this.#zone, epochMs).toISOString();
    const minutes = Math.abs(offsetMin);
    const suffix = `${offsetMin < 0 ? '-' : '+'}${twoDigits(Math.floor(minutes / 60))}:${twoDigits(minutes % 60)}`;
    return `${wall.slice(0, -1)}${String(usec % 1000).padStart(3, '0')}${suffix}`;
  }
}

function twoDigits(value: number): string {
  return String(value).padStart(2, '0');
}
