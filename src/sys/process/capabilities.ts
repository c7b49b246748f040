/**
 * Gives up what root may do and other users may not. Source: capabilities(7), prctl(2), seccomp(2).
 *
 * Capability sets belong to threads. setuid(2) of the C library clears the ones that matter (effective, permitted,
 * ambient) in every thread; prctl(2) and capset(2) affect only the calling thread. That is the main thread here, which
 * starts all programs.
 */
import { native, nativeAvailable } from '../call/native.ts';
import { NativeBuffer } from '../call/native-buffer.ts';
import { readdirSync, readFileSync } from 'node:fs';

const PR_CAPBSET_DROP = 24;
const PR_SET_NO_NEW_PRIVS = 38;
const PR_CAP_AMBIENT = 47;
const PR_CAP_AMBIENT_CLEAR_ALL = 4;
/** More than exist; the kernel refuses those it does not know. */
const CAPABILITIES_MAX = 64;

/** struct __user_cap_header_struct, and two of struct __user_cap_data_struct. */
const CAP_VERSION = 0x2008_0522;
const CAP_HEADER_SIZE = 8;
const CAP_DATA_SIZE = 24;
/** Offsets of the two halves of the inheritable set. */
const CAP_INHERITABLE: readonly number[] = [8, 20];

const SECCOMP_SET_MODE_FILTER = 1;
const SECCOMP_FILTER_FLAG_TSYNC = 1;
const SECCOMP_FILTER_FLAG_SPEC_ALLOW = 4;
const SYS_SECCOMP_X64 = 317;
/** The generic table: arm64, riscv64, loong64. */
const SYS_SECCOMP = 277;
/** struct sock_filter { u16 code; u8 jt, jf; u32 k; }: BPF_RET | BPF_K with SECCOMP_RET_ALLOW. */
const BPF_RETURN = 0x06;
const SECCOMP_ALLOW = 0x7fff_0000;
/** struct sock_fprog { u16 len; struct sock_filter *filter; }, followed by its single instruction. */
const FPROG = { len: 0, filter: 8, size: 16 } as const;
const FILTER_SIZE = 8;

/**
 * No program started from now on gets more privileges than this process, not even by set-user-ID or file capabilities
 * (PR_SET_NO_NEW_PRIVS).
 *
 * The flag belongs to a thread; the kernel sets it on the others only together with a system call filter, so a filter
 * that allows everything is installed.
 *
 * @returns whether it holds in every thread
 */
export function forbidNewPrivileges(): boolean {
  if (!nativeAvailable().ok) return false;
  const { libc } = native();
  if (libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) !== 0) return false;
  if (holdsEverywhere()) return true;
  const program = new NativeBuffer(FPROG.size + FILTER_SIZE);
  program.bytes.writeUInt16LE(1, FPROG.len);
  program.setWord64(FPROG.filter, program.address + FPROG.size);
  program.bytes.writeUInt16LE(BPF_RETURN, FPROG.size);
  program.bytes.writeUInt32LE(SECCOMP_ALLOW, FPROG.size + 4);
  const number = process.arch === 'x64' ? SYS_SECCOMP_X64 : SYS_SECCOMP;
  const flags = SECCOMP_FILTER_FLAG_TSYNC | SECCOMP_FILTER_FLAG_SPEC_ALLOW;
  return libc.syscall(number, SECCOMP_SET_MODE_FILTER, flags, program.address) === 0;
}

function holdsEverywhere(): boolean {
  try {
    return readdirSync('/proc/self/task').every((thread) =>
      /^NoNewPrivs:\t1$/m.test(readFileSync(`/proc/self/task/${thread}/status`, 'latin1')),
    );
  } catch {
    return false;
  }
}

/** Empties the bounding set of the main thread; requires CAP_SETPCAP. @returns whether it is empty */
export function emptyBoundingSet(): boolean {
  if (!nativeAvailable().ok) return false;
  const { libc } = native();
  let dropped = 0;
  while (dropped < CAPABILITIES_MAX && libc.prctl(PR_CAPBSET_DROP, dropped, 0, 0, 0) === 0) dropped++;
  return dropped > 0;
}

/** Empties all other sets of the main thread. @returns whether they are empty */
export function emptyCapabilitySets(): boolean {
  if (!nativeAvailable().ok) return false;
  const { libc } = native();
  // Kernels before 4.3 have no ambient set.
  libc.prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
  return libc.capset(capHeader(), Buffer.alloc(CAP_DATA_SIZE)) === 0;
}

/**
 * Empties the inheritable set of the main thread, and with it the ambient one; the others stay.
 *
 * @returns whether there was something in it, which the other threads still have
 */
export function emptyInheritableSet(): boolean {
  if (!nativeAvailable().ok) return false;
  const { libc } = native();
  const data = Buffer.alloc(CAP_DATA_SIZE);
  if (libc.capget(capHeader(), data) !== 0) return false;
  const found = CAP_INHERITABLE.some((off) => data.readUInt32LE(off) !== 0);
  for (const off of CAP_INHERITABLE) data.writeUInt32LE(0, off);
  return found && libc.capset(capHeader(), data) === 0;
}

/** For the calling thread. */
function capHeader(): Buffer {
  const header = Buffer.alloc(CAP_HEADER_SIZE);
  header.writeUInt32LE(CAP_VERSION);
  return header;
}
