import { rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { examineYaml, FarolaError, isName, type Owner, syncFolder, systemClock } from '@farola/shared';
import { stringify } from 'yaml';
import { isThere } from '../store/is-there.js';
import { makeFolder, type NewHome, openNewHome } from '../trust/fs-new-home.js';
import { COLLECTOR_CONFIG, type CollectorConfig } from '../config.js';
import { CONFIG_PATH } from '../config/fs-config.js';
import { statePaths } from '../config/state-paths.js';
import { loadCollectorKeys, makeCollectorKeys } from '../trust/fs-collector-keys.js';
import { hostOf } from '../trust/x509-authority.js';
import { type CommandOptions, say } from './command-options.js';
import { listenAt } from './listen-at.js';
import { nameConfig } from './name-config.js';

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
 * comes last, whole: killed anywhere, a second run goes on. Root makes them for the user of the service. Errors: `already-initialised`, `usage`,
 * `name-invalid`, `keys-foreign`, `key-file-invalid`, `permission-denied`, `disk-failure`.
 */
export async function initCollector(options: InitOptions): Promise<void> {
  const { id, config: path, stateDir } = options;
  if (!isName(id)) throw new FarolaError('name-invalid', { what: 'collector', name: id });
  const text = configText(options);
  const config = configOf(text, options);
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
    startText(path, home.owner),
    nameConfig('`farola-collector lcu add NAME --panel PANEL` adds an LCU and prints its token.', path),
  );
}

/** How it is started. Root cannot, where the state is another user's (`run-as-root`); the service knows one configuration. */
function startText(path: string, owner: Owner | undefined): string {
  const run = nameConfig('`farola-collector run`', path);
  const byHand = owner ? run.replace('`', `\`sudo -u '#${owner.uid}' `) : run;
  if (path !== CONFIG_PATH) return `Then ${byHand} starts it.`;
  return `Then \`systemctl enable --now farola-collector\` starts it as a service, and ${byHand} by hand.`;
}

async function makeKeys(home: NewHome, keys: string, id: string, host: string): Promise<void> {
  const aside = `${keys}.new`;
  await rm(aside, { recursive: true, force: true });
  await makeCollectorKeys(aside, id, host, systemClock());
  await home.give(aside);
  await rename(aside, keys);
  await syncFolder(dirname(keys));
}

/** The option that each field comes from. */
const OPTION_OF: Readonly<Record<string, string>> = {
  collectorId: '--id',
  publicAddress: '--address',
  listen: '--listen',
  stateDir: '--state-dir',
  runDir: '--run-dir',
  pollSeconds: '--poll-seconds',
};

/** The configuration that the options make. Error: `usage`, with every option that is wrong. */
function configOf(text: string, { listen }: InitOptions): CollectorConfig {
  const { value, problems } = examineYaml(text, COLLECTOR_CONFIG);
  if (value) return value;
  // A port that is taken from the address is wrong there.
  const own = problems.filter(({ path }) => listen !== undefined || path[0] !== 'listen');
  const wrong = own.map(({ path, message }) => `${OPTION_OF[String(path[0])] ?? path.join('.')} ${message}`);
  throw new FarolaError('usage', { reason: wrong.join('; ') });
}

function configText({ id, address, listen, stateDir, runDir, pollSeconds }: InitOptions): string {
  const port = Number(/:(\d+)$/.exec(address)?.[1] ?? WSS_PORT);
  return stringify({
    collectorId: id,
    publicAddress: address,
    stateDir,
    runDir,
    listen: listen === undefined ? { host: '0.0.0.0', port } : listenAt(listen),
    // What is no number is told as it was written.
    pollSeconds: /^\d+$/.test(pollSeconds) ? Number(pollSeconds) : pollSeconds,
  });
}
