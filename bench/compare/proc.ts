/**
 * What the kernel says about a process and the machine. Source: proc(5).
 *
 * Processor time of a process is the sum over its threads from the scheduler (nanoseconds), not the ticks of
 * /proc/PID/stat, which are too coarse at a thousand messages per second. Threads that have ended are not included; no
 * daemon ends threads during a run.
 */
import { readdirSync, readFileSync } from 'node:fs';

/** Ticks per second in /proc: USER_HZ is 100 on every architecture that Node.js supports. */
const TICKS_PER_SEC = 100;
const STAT = { user: 13, system: 14 } as const;
const CPU = { user: 0, nice: 1, system: 2, idle: 3, iowait: 4, irq: 5, softirq: 6, steal: 7 } as const;

export interface ProcessUse {
  /** All threads, user and system, µs. */
  readonly cpuUs: number;
  /** User part of it, by the coarser clock of /proc/PID/stat, µs. */
  readonly userUs: number;
  readonly systemUs: number;
  /** Context switches of all threads, voluntary and not: wake-ups, for an idle daemon. */
  readonly switches: number;
}

export interface MachineUse {
  readonly steal: number;
  readonly busy: number;
  /** All ticks of all processors, including idle ones. */
  readonly total: number;
}

function numberAfter(text: string, name: string): number {
  return Number(new RegExp(`^${name}:\\s*(\\d+)`, 'm').exec(text)?.[1] ?? 0);
}

export function processUse(pid: number): ProcessUse {
  const fields = readFileSync(`/proc/${pid}/stat`, 'latin1')
    .replace(/^.*\) /s, '- - ')
    .split(' ');
  const tickUs = 1e6 / TICKS_PER_SEC;
  const userUs = Number(fields[STAT.user]) * tickUs;
  const systemUs = Number(fields[STAT.system]) * tickUs;
  let scheduledUs = 0;
  let switches = 0;
  for (const task of readdirSync(`/proc/${pid}/task`)) {
    const of = `/proc/${pid}/task/${task}`;
    scheduledUs += Number(readFileSync(`${of}/schedstat`, 'latin1').split(' ')[0]) / 1000;
    const status = readFileSync(`${of}/status`, 'latin1');
    switches += numberAfter(status, 'voluntary_ctxt_switches') + numberAfter(status, 'nonvoluntary_ctxt_switches');
  }
  return { cpuUs: scheduledUs, userUs, systemUs, switches };
}

/** @returns peak resident memory, KiB */
export function peakRssKib(pid: number): number {
  return numberAfter(readFileSync(`/proc/${pid}/status`, 'latin1'), 'VmHWM');
}

/** @returns resident memory now, KiB */
export function rssKib(pid: number): number {
  return numberAfter(readFileSync(`/proc/${pid}/status`, 'latin1'), 'VmRSS');
}

export function machineUse(): MachineUse {
  const line = /^cpu +(.*)$/m.exec(readFileSync('/proc/stat', 'latin1'))?.[1] ?? '';
  const ticks = line.split(' ').map(Number);
  const at = (idx: number): number => ticks[idx] ?? 0;
  const total = Object.values(CPU).reduce<number>((sum, idx) => sum + at(idx), 0);
  return { steal: at(CPU.steal), busy: total - at(CPU.idle) - at(CPU.iowait) - at(CPU.steal), total };
}

/** Shares of the machine's time, percent. */
export interface MachineShares {
  /** Stolen by the host of this virtual machine. */
  readonly stealPercent: number;
  /** Used by processes unrelated to the run. */
  readonly othersPercent: number;
}

/** @param ownCpuUs what daemon, sender and the bench itself used between the two readings */
export function machineShares(before: MachineUse, after: MachineUse, ownCpuUs: number): MachineShares {
  const total = Math.max(1, after.total - before.total);
  const ownTicks = (ownCpuUs / 1e6) * TICKS_PER_SEC;
  return {
    stealPercent: (100 * (after.steal - before.steal)) / total,
    othersPercent: Math.max(0, (100 * (after.busy - before.busy - ownTicks)) / total),
  };
}
