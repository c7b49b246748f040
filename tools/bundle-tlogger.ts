/**
 * Makes one file of the program tlogger and of all that it may load: half of its start was loading some thirty modules.
 */
import { renameSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const FOLDER = fileURLToPath(new URL('../src/cli/tlogger/', import.meta.url));
const BUNDLE = join(FOLDER, 'bundle.cjs');

await build({
  entryPoints: [join(FOLDER, 'run.js')],
  outfile: `${BUNDLE}.new`,
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'cjs',
  // The bundle lies as deep as the modules that look for package.json.
  banner: { js: "const moduleUrl = require('node:url').pathToFileURL(__filename).href;" },
  define: { 'import.meta.url': 'moduleUrl' },
  logLevel: 'warning',
});
// In one step: somebody may be starting the program.
renameSync(`${BUNDLE}.new`, BUNDLE);
