/**
 * Who is logged in where, from utmp(5): an array of the C library's struct utmp.
 *
 * Up to `ut_host` the struct is the same on all 64-bit machines; after it come times of 4 or 8 bytes, so only the size
 * differs. Names end at their first NUL. The content is hostile and not checked here.
 */

/** Offsets and lengths in bytes. Source: utmp(5). */
export const UTMP = { type: 0, pid: 4, line: 8, lineLen: 32, user: 44, userLen: 32 } as const;

/** sizeof(struct utmp) with times of 4 bytes (x86-64, for 32-bit programs), and with times of 8. */
export const UTMP_SIZES = { short: 384, long: 400 } as const;

/** `ut_type` of a user session. */
const USER_PROCESS = 7;

export interface UtmpSession {
  readonly user: string;
  /** `ut_line`: the terminal below /dev, e.g. `pts/3`. */
  readonly line: string;
}

/** @returns the user sessions, in file order */
export function parseUtmp(bytes: Buffer, arch: string = process.arch): UtmpSession[] {
  const size = recordSize(bytes.length, arch);
  const sessions: UtmpSession[] = [];
  for (let at = 0; at + size <= bytes.length; at += size) {
    if (bytes.readInt16LE(at + UTMP.type) !== USER_PROCESS) continue;
    const user = field(bytes, at + UTMP.user, UTMP.userLen);
    const line = field(bytes, at + UTMP.line, UTMP.lineLen);
    if (user !== '' && line !== '') sessions.push({ user, line });
  }
  return sessions;
}

/** The size used on this machine, unless only the other one divides the file. */
function recordSize(fileBytes: number, arch: string): number {
  const [own, other] = arch === 'x64' ? [UTMP_SIZES.short, UTMP_SIZES.long] : [UTMP_SIZES.long, UTMP_SIZES.short];
  return fileBytes % own !== 0 && fileBytes % other === 0 ? other : own;
}

function field(bytes: Buffer, off: number, len: number): string {
  const nul = bytes.indexOf(0, off);
  return bytes.toString('utf8', off, nul === -1 || nul > off + len ? off + len : nul);
}
