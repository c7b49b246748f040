/**
 * Fetches the peers' Debian packages and unpacks them into a folder of the build: nothing is installed into the system,
 * no service is started. Missing libraries are fetched the same way and found by LD_LIBRARY_PATH.
 */
import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { run } from './command.ts';
import { outPath } from './places.ts';

/** A peer unpacked, or why there is none. */
export type Unpacked =
  | { readonly ok: true; readonly root: string; readonly libraries: string }
  | { readonly ok: false; readonly reason: string };

/** Packages with libraries that ldd may find missing. */
const LIBRARY_PACKAGES: Readonly<Record<string, string>> = {
  'libestr.so.0': 'libestr0',
  'libfastjson.so.4': 'libfastjson4',
  'liblognorm.so.5': 'liblognorm5',
  'libsystemd.so.0': 'libsystemd0',
  'libuuid.so.1': 'libuuid1',
  'libzstd.so.1': 'libzstd1',
  'libz.so.1': 'zlib1g',
};

/** Fetches a package unless it is in the cache. @param program path of its daemon in the package */
export async function unpackPeer(name: string, program: string): Promise<Unpacked> {
  const root = outPath('peers', name);
  if (!existsSync(join(root, program))) {
    const problem = await unpack(name, root);
    if (problem !== null) return { ok: false, reason: problem };
  }
  const libraries = (): string => libraryFolders(root).join(':');
  for (const library of await missingLibraries(join(root, program), libraries())) {
    const holder = LIBRARY_PACKAGES[library];
    const problem = holder === undefined ? `no package known for ${library}` : await unpack(holder, root);
    if (problem !== null) return { ok: false, reason: problem };
  }
  const missing = await missingLibraries(join(root, program), libraries());
  if (missing.length > 0) return { ok: false, reason: `libraries are missing: ${missing.join(', ')}` };
  return { ok: true, root, libraries: libraries() };
}

/** @returns null when done, else the error */
async function unpack(name: string, root: string): Promise<string | null> {
  const download = outPath('peers', 'download', name);
  mkdirSync(download, { recursive: true });
  mkdirSync(root, { recursive: true });
  let fetched = await run('apt-get', ['download', name], { cwd: download });
  if (!fetched.ok) {
    await run('apt-get', ['update']);
    fetched = await run('apt-get', ['download', name], { cwd: download });
  }
  if (!fetched.ok) return `apt-get download ${name} failed: ${lastLine(fetched.stderr)}`;
  const file = readdirSync(download).find((entry) => entry.endsWith('.deb'));
  if (file === undefined) return `apt-get download ${name} left no package`;
  const unpacked = await run('dpkg', ['-x', join(download, file), root]);
  rmSync(download, { recursive: true });
  return unpacked.ok ? null : `dpkg -x ${file} failed: ${lastLine(unpacked.stderr)}`;
}

/** @returns lib and usr/lib with their direct subfolders, such as `x86_64-linux-gnu` */
function libraryFolders(root: string): string[] {
  return ['lib', 'usr/lib']
    .map((folder) => join(root, folder))
    .filter((folder) => existsSync(folder))
    .flatMap((folder) => [
      folder,
      ...readdirSync(folder, { withFileTypes: true })
        .filter((entry) => entry.isDirectory())
        .map((entry) => join(folder, entry.name)),
    ]);
}

async function missingLibraries(program: string, libraries: string): Promise<string[]> {
  const { stdout } = await run('ldd', [program], { env: { ...process.env, LD_LIBRARY_PATH: libraries } });
  return [...stdout.matchAll(/^\s*(\S+) => not found/gm)].map((found) => found[1] ?? '');
}

function lastLine(text: string): string {
  return text.trim().split('\n').at(-1) ?? '';
}
