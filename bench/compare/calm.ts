/**
 * Waits until the machine does little else. This favors no daemon, and avoids runs that would only measure the
 * neighbors; the report shows what they took anyway.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { machineShares, machineUse } from './proc.ts';

const LOOK_MS = 300;
const CALM_PERCENT = 10;

/** @param patienceSec give up after this time and measure anyway */
export async function waitForCalm(patienceSec: number): Promise<void> {
  const deadline = performance.now() + patienceSec * 1000;
  while (performance.now() < deadline) {
    const before = machineUse();
    await delay(LOOK_MS);
    if (machineShares(before, machineUse(), 0).othersPercent < CALM_PERCENT) return;
  }
}
