/**
 * The kernel's log, and the kernel's messages on the console, which are off while the daemon logs them.
 */
import type { Input } from '../../input/input.ts';
import { KernelCache } from '../../input/kernel/kernel-cache.ts';
import type { KernelLog } from '../../input/kernel/kernel-log.ts';
import { findContainer } from '../../sys/machine/container.ts';
import { setKernelConsole } from '../../sys/machine/kernel-console.ts';
import type { GroupParts, InputEnd, InputGroup } from './input-group.ts';

const KERNEL_LOG = '/dev/kmsg';

export class KernelInput implements InputGroup {
  readonly #parts: GroupParts;
  #log: KernelLog | null = null;
  /** The console was switched off and must be switched on again. */
  #consoleOff = false;

  constructor(parts: GroupParts) {
    this.#parts = parts;
  }

  /** Null: it is not read. */
  get log(): KernelLog | null {
    return this.#log;
  }

  get inputs(): readonly Input[] {
    return this.#log === null ? [] : [this.#log];
  }

  get consoleOff(): boolean {
    return this.#consoleOff;
  }

  open(): void {
    const { settings, inherited } = this.#parts;
    // Also where the log is not read: the file may be meant for something else.
    if (settings.kernelLog !== false) new KernelCache(settings.kernelCache).check();
    if (settings.kernelLog ?? findContainer() === null) this.#openLog();
    this.#consoleOff ||= inherited.consoleOff;
  }

  /** When left, the console belongs to the next process; when abandoned, it stays as the previous one had it. */
  ended(how: InputEnd): void {
    const restores = how === 'close' || (how === 'abandon' && !this.#parts.inherited.consoleOff);
    if (this.#consoleOff && restores) setKernelConsole(true);
    this.#consoleOff = false;
    this.#log = null;
  }

  #openLog(): void {
    const { settings, inherited, opener } = this.#parts;
    const { kernelCache, kernelTime, kernelConsole } = settings;
    const log = opener.openKernelLog(KERNEL_LOG, kernelCache, kernelTime, inherited.kernel);
    if (log.state !== 'open') return;
    this.#log = log;
    this.#consoleOff = !kernelConsole && setKernelConsole(false);
  }
}
