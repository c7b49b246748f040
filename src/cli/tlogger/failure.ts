/**
 * What ends the program with status 1, and texts of system errors as the C library has them: scripts look for these.
 */
import { getSystemErrorMap } from 'node:util';

/** One line without the name of the program; `hint`: the line that leads to --help follows. */
export class LoggerFailure extends Error {
  override readonly name = 'LoggerFailure';
  readonly hint: boolean;

  constructor(text: string, hint = false) {
    super(text);
    this.hint = hint;
  }
}

/** Where the C library says something else than libuv. Source: strerror(3) of glibc. */
const TEXTS: ReadonlyMap<string, string> = new Map([
  ['EIO', 'Input/output error'],
  ['EISDIR', 'Is a directory'],
  ['ELOOP', 'Too many levels of symbolic links'],
  ['ENAMETOOLONG', 'File name too long'],
  ['ENFILE', 'Too many open files in system'],
  ['ENOMEM', 'Cannot allocate memory'],
  ['ENOTCONN', 'Transport endpoint is not connected'],
  ['EISCONN', 'Transport endpoint is already connected'],
  ['EADDRNOTAVAIL', 'Cannot assign requested address'],
  ['EAFNOSUPPORT', 'Address family not supported by protocol'],
  ['EBUSY', 'Device or resource busy'],
  ['EEXIST', 'File exists'],
  ['EFAULT', 'Bad address'],
  ['ESPIPE', 'Illegal seek'],
  ['EHOSTUNREACH', 'No route to host'],
  ['ERANGE', 'Numerical result out of range'],
  ['ETXTBSY', 'Text file busy'],
]);

/** @param errno negative. @returns e.g. `No such file or directory` */
export function strerror(errno: number): string {
  const [code, text] = getSystemErrorMap().get(errno) ?? ['', `Unknown error ${-errno}`];
  return TEXTS.get(code) ?? text.charAt(0).toUpperCase() + text.slice(1);
}
