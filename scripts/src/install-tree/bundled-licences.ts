import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isLicence } from './shipped-files.js';

/** What a package.json says of where a package comes from. */
interface Origin {
  readonly name: string;
  readonly version: string;
  readonly license?: string;
}

/**
 * The licences of the packages that these files are of, one after the other by name: whoever gets their code gets these.
 * RangeError for a package that says nothing of its licence.
 * @param sources paths from the root of the repository; what lies in no package is ours
 */
export function bundledLicences(repository: string, sources: readonly string[]): string {
  const folders = new Set(sources.flatMap((path) => /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1] ?? []));
  const parts = [...folders].map((folder) => licenceOf(join(repository, folder)));
  return [...new Set(parts)].sort().join(`\n${'-'.repeat(80)}\n\n`);
}

function licenceOf(folder: string): string {
  const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Origin;
  if (license === undefined) throw new RangeError(`${name} says nothing of its licence`);
  const files = readdirSync(folder).filter(isLicence).sort();
  const texts = files.map((file) => `\n${readFileSync(join(folder, file), 'utf8').trim()}\n`);
  return `${name} ${version}: ${license}\n${texts.join('')}`;
}
