/**
 * Loads packages that are not part of the project: they have no types, so their exports are checked at run time.
 */
import { createRequire } from 'node:module';
import { join } from 'node:path';

type AnyFunction = (...args: unknown[]) => unknown;

/** @param folder where the packages are installed */
export function loadPackage(folder: string, name: string): unknown {
  const exported: unknown = createRequire(join(folder, 'package.json'))(name);
  return exported;
}

/** @throws TypeError if it is not a function */
export function asFunction(value: unknown): AnyFunction {
  if (!isFunction(value)) throw new TypeError('expected a function');
  return value;
}

/** @returns a method bound to its object; @throws TypeError if there is none */
export function method(of: unknown, name: string): AnyFunction {
  if (of === null || (typeof of !== 'object' && typeof of !== 'function')) throw new TypeError('expected an object');
  const found: unknown = Reflect.get(of, name);
  return asFunction(found).bind(of);
}

function isFunction(value: unknown): value is AnyFunction {
  return typeof value === 'function';
}
