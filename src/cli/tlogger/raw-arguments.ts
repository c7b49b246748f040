/**
 * The arguments byte for byte: Node.js decodes them, and puts U+FFFD in the place of what is not UTF-8.
 */
import { readFileSync } from 'node:fs';

const LOST = '\uFFFD';

/**
 * @param argv the arguments behind the name of the program
 * @param readCommandLine the whole command line as the kernel has it, each argument ended by NUL. proc_pid_cmdline(5)
 * @returns a character for each byte
 */
export function byteArguments(
  argv: readonly string[],
  readCommandLine: () => Buffer = () => readFileSync('/proc/self/cmdline'),
): readonly string[] {
  if (!argv.some((text) => text.includes(LOST))) return argv.map(utf8Bytes);
  const words = readCommandLine().toString('latin1').split('\0').slice(0, -1);
  // In front stand Node.js, its own options and the program.
  return words.length > argv.length ? words.slice(-argv.length) : argv.map(utf8Bytes);
}

/** @returns the bytes of a text in UTF-8, a character for each */
export function utf8Bytes(text: string): string {
  return Buffer.from(text).toString('latin1');
}
