import { rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { FarolaError, isName, syncFolder, systemClock } from '@farola/shared';
import { stringify } from 'yaml';
import { isThere } from '../store/is-there.js';
import { makeFolder, type NewHome, openNewHome } from '../trust/fs-new-home.js';
import { parseCollectorConfig } from '../config/fs-config.js';
import { statePaths } from '../config/state-paths.js';
import { loadCollectorKeys, makeCollectorKeys } from '../trust/fs-collector-keys.js';
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
 * comes last, whole: killed anywhere, a second run goes on. Root makes them for the user of the service. Errors: `already-initialised`, `config-invalid`,
 * `name-invalid`, `keys-foreign`, `key-file-invalid`, `permission-denied`, `disk-failure`.
 */
export async function initCollector(options: InitOptions): Promise<void> {
  const { id, config: path, stateDir } = options;
  if (!isName(id)) throw new FarolaError('name-invalid', { what: 'collector', name: id });
  const text = configText(options);
  const config = parseCollectorConfig(text, path);
  const { keys, ledger } = statePaths(config);
  const home = await openNewHome(path, stateDir);
  if (isThere(keys)) await loadCollectorKeys(keys, id);
  else await makeKeys(home, keys, id, hostOf(config.publicAddress));
  makeFolder(ledger, 0o750);
  await home.give(ledger);
  await home.writeConfig(text);
  const rootKey = join(keys, 'root.key');
  say(
    options,
    { collectorId: id, configPath: path, keysDir: keys, rootKeyPath: rootKey },
    `collector ${id} is ready`,
    `  configuration  ${path}`,
    `  keys           ${keys}`,
    `Move ${rootKey} to an encrypted medium that is kept offline: the collector runs without it.`,
  );
}

async function makeKeys(home: NewHome, keys: string, id: string, host: string): Promise<void> {
  const aside = `${keys}.new`;
  await rm(aside, { recursive: true, force: true });
  await makeCollectorKeys(aside, id, host, systemClock());
  await home.give(aside);
  await rename(aside, keys);
  await syncFolder(dirname(keys));
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
