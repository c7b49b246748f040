/**
 * The package koffi, loaded when first asked, and once only. native.ts binds what the daemon needs, other rooms of
 * this folder the few functions that they call.
 */
import { createRequire } from 'node:module';
import { ABI_ARCHS } from './abi.ts';

export type Koffi = typeof import('koffi');

export type KoffiResult =
  | { readonly ok: true; readonly koffi: Koffi }
  | { readonly ok: false; readonly reason: string };

let loaded: KoffiResult | null = null;

/** @returns the package, or why there is none on this machine */
export function loadKoffi(): KoffiResult {
  loaded ??= load();
  return loaded;
}

function load(): KoffiResult {
  if (process.platform !== 'linux')
    return { ok: false, reason: `native calls work only on Linux: this is ${process.platform}` };
  if (!ABI_ARCHS.includes(process.arch))
    return { ok: false, reason: `native calls are not supported on ${process.arch}` };
  try {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what a package exports is its word
    return { ok: true, koffi: createRequire(import.meta.url)('koffi') as Koffi };
  } catch (error) {
    const line = (error instanceof Error ? error.message : String(error)).split('\n')[0] ?? '';
    return { ok: false, reason: `koffi cannot be loaded: ${line}` };
  }
}
