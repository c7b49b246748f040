/**
 * Makes one file of the program tlogger and of all that it may load: half of its start was loading some thirty modules.
 *
 * Knows the forms that the compiler and this project use, and refuses all others. A module becomes a function that is
 * called when it is first needed, so that what is imported late stays unloaded as long.
 */
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const FOLDER = fileURLToPath(new URL('../src/cli/tlogger/', import.meta.url));
const FIRST = join(FOLDER, 'run.js');
const BUNDLE = join(FOLDER, 'bundle.cjs');

const STATIC_IMPORT = /^import (?:\{([^}]*)\} from )?'([^']+)';$/gm;
const LATE_IMPORT = /\bimport\('([^']+)'\)/g;
const EXPORT = /^export (async function\*?|function\*?|class|const) (\w+)/gm;
const DOCSTRING = /^ *\/\*\*[\s\S]*?\*\/\n/gm;
const OTHER_FORM = /^(?:import|export)\b.*/m;

/** What comes first in the bundle: calls a module once. */
const PROLOGUE = `'use strict';
/** Made by tools/bundle-tlogger.ts. */
const { pathToFileURL } = require('node:url');
const urlOf = (path) => pathToFileURL(__dirname + '/' + path).href;
const once = (make) => {
  let made = null;
  return () => (made ??= make());
};
`;

class Bundler {
  readonly #texts = new Map<string, string>();
  readonly #open = new Set<string>();

  /** @throws Error: a form that is not known, or modules that import each other */
  add(path: string): void {
    if (this.#open.has(path)) throw new Error(`${path}: imports itself`);
    if (this.#texts.has(path)) return;
    this.#open.add(path);
    const source = readFileSync(path, 'utf8');
    for (const [, , name = ''] of source.matchAll(STATIC_IMPORT))
      if (name.startsWith('.')) this.add(join(dirname(path), name));
    this.#open.delete(path);
    this.#texts.set(path, this.#moduleText(path, source));
    for (const [, name = ''] of source.matchAll(LATE_IMPORT)) this.add(join(dirname(path), name));
  }

  get text(): string {
    const modules = [...this.#texts].map(([path, text]) => `const ${nameOf(path)} = once(() => {\n${text}\n});\n`);
    return `${PROLOGUE}${modules.join('')}${nameOf(FIRST)}();\n`;
  }

  #moduleText(path: string, source: string): string {
    const exported: string[] = [];
    const text = source
      .replaceAll(DOCSTRING, '')
      .replaceAll(STATIC_IMPORT, (_, names: string | undefined, from: string) => {
        const found = from.startsWith('.') ? `${nameOf(join(dirname(path), from))}()` : `require('${from}')`;
        return names === undefined ? `${found};` : `const {${names.replaceAll(' as ', ': ')}} = ${found};`;
      })
      .replaceAll(EXPORT, (_, kind: string, name: string) => {
        exported.push(name);
        return `${kind} ${name}`;
      })
      .replaceAll(LATE_IMPORT, (_, from: string) => `Promise.resolve().then(${nameOf(join(dirname(path), from))})`)
      .replaceAll('import.meta.url', `urlOf('${relative(FOLDER, path)}')`)
      .replaceAll(/^export \{\};$/gm, '');
    const other = OTHER_FORM.exec(text)?.[0];
    if (other !== undefined) throw new Error(`${path}: a form that is not known: ${other}`);
    return `${text}\nreturn { ${exported.join(', ')} };`;
  }
}

/** `build/src/sys/call/abi.js` is `m_sys_call_abi`. */
function nameOf(path: string): string {
  return `m_${relative(join(FOLDER, '..', '..'), path)
    .replace(/\.js$/, '')
    .replaceAll(/\W/g, '_')}`;
}

const bundler = new Bundler();
bundler.add(FIRST);
// In one step: somebody may be starting the program.
writeFileSync(`${BUNDLE}.new`, bundler.text);
renameSync(`${BUNDLE}.new`, BUNDLE);
