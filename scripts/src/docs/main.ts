import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Document, DOCUMENTS } from './documents.js';

const root = fileURLToPath(new URL('../../..', import.meta.url));

/** Brings one document up to date, or only says that it is not; answers whether it is now. */
function update({ path, make }: Document, checkOnly: boolean): boolean {
  const file = join(root, path);
  try {
    const wanted = make(root);
    if (existsSync(file) && readFileSync(file, 'utf8') === wanted) return true;
    if (!checkOnly) writeFileSync(file, wanted);
    process.stdout.write(checkOnly ? `${path} differs: run scripts/docs\n` : `${path} written\n`);
    return !checkOnly;
  } catch (error) {
    process.stderr.write(`error: ${path}: ${error instanceof Error ? error.message : String(error)}\n`);
    return false;
  }
}

const [option] = process.argv.slice(2);
if (option !== undefined && option !== '--check') {
  process.stderr.write('usage: scripts/docs [--check]\n');
  process.exitCode = 64;
} else {
  const current = DOCUMENTS.map((document) => update(document, option === '--check'));
  process.exitCode = current.includes(false) ? 1 : 0;
}
