import { mkdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { FarolaError, isName, syncFolder, systemClock } from '@farola/shared';
import { stringify } from 'yaml';
import { folderFailure } from '../store/access-failure.js';
import { isThere } from '../store/is-there.js';
import { parseCollectorConfig } from '../config/fs-config.js';
import { statePaths } from '../config/state-paths.js';
import { loadCollectorKeys, makeCollectorKeys } from '../trust/fs-collector-keys.js';
import { PUBLIC, writeNewFile } from '../trust/fs-key-file.js';
import { hostOf } from '../trust/x509-authority.js';
import { type CommandOptions, say } from './command-options.js';
import { listenAt } from './listen-at.js';

/** Options of `init`. */
export interface InitOptions extends CommandOptions {
  readonly id: string;
  readonly address: string;
  readonly listen?: string;
  readonly stateDir: string;
  readonly runDir: string;
  readonly pollSeconds: string;
}

const WSS_PORT = 443;

/**
 * Makes a new collector. The keys are made in a folder aside that is renamed when all are there, and the configuration
 * comes last, whole: killed anywhere, a second run goes on. Errors: `already-initialised`, `config-invalid`,
 * `name-invalid`, `key-file-invalid` for keys of another collector, `permission-denied`, `disk-failure`.
 */
export async function initCollector(options: InitOptions): Promise<void> {
  const { id, config: path, stateDir } = options;
  if (!isName(id)) throw new FarolaError('name-invalid', { what: 'collector', name: id });
  const text = configText(options);
  const config = parseCollectorConfig(text, path);
  if (isThere(path)) throw new FarolaError('already-initialised', { path });
  const { keys } = statePaths(config);
  if (isThere(keys)) await loadCollectorKeys(keys, id);
  else await makeKeys(stateDir, keys, id, hostOf(config.publicAddress));
  await makeFolder(statePaths(config).ledger, 0o750);
  await makeFolder(dirname(path), 0o755);
  await writeNewFile(path, text, PUBLIC);
  const rootKey = join(keys, 'root.key');
  say(
    options,
    { collectorId: id, config: path, keys, rootKey },
    `collector ${id} is ready`,
    `  configuration  ${path}`,
    `  keys           ${keys}`,
    `Move ${rootKey} to an encrypted medium that is kept offline: the collector runs without it.`,
  );
}

async function makeKeys(stateDir: string, keys: string, id: string, host: string): Promise<void> {
  const aside = `${keys}.new`;
  await makeFolder(stateDir, 0o750);
  await rm(aside, { recursive: true, force: true });
  await makeCollectorKeys(aside, id, host, systemClock());
  await rename(aside, keys);
  await syncFolder(stateDir);
}

function configText({ id, address, listen, stateDir, runDir, pollSeconds }: InitOptions): string {
  const port = /:(\d+)$/.exec(address)?.[1] ?? WSS_PORT;
  return stringify({
    collectorId: id,
    publicAddress: address,
    stateDir,
    runDir,
    listen: listenAt(listen ?? `0.0.0.0:${port}`),
    pollSeconds: Number(pollSeconds),
  });
}

async function makeFolder(path: string, mode: number): Promise<void> {
  await mkdir(path, { recursive: true, mode }).catch((error: unknown) => {
    throw folderFailure(error, path);
  });
}
