import {
  type BundlePart,
  counted,
  FarolaError,
  findInstalledTree,
  listFiles,
  machineFacts,
  makeBundle,
  type PartOutcome,
  pickFields,
  problemPlaces,
  PROTOCOL_VERSIONS,
  serviceLog,
  systemClock,
  unitFacts,
  volumeOf,
} from '@farola/shared';
import { COLLECTOR_CONFIG, type CollectorConfig } from '../config.js';
import { loadCollectorConfig } from '../config/fs-config.js';
import { type StatePaths, statePaths } from '../config/state-paths.js';
import { isThere } from '../store/is-there.js';
import { SECRET } from '../trust/fs-key-file.js';
import { COLLECTOR_VERSION, OWN_FOLDER } from '../version.js';
import { asOwnerOf } from './as-owner.js';
import { type CommandOptions, say } from './command-options.js';
import { readFleetStatus } from './read-fleet-status.js';
import { CONFIG_IN_BUNDLE, STATUS_IN_BUNDLE } from './support-fields.js';
import { clockPart, counts, keysPart, proofPart, pushes, runningPart, schemas } from './support-parts.js';
import { checkOutput, writeOutput } from './write-output.js';

/** Options of `support-bundle`. */
export interface SupportBundleOptions extends CommandOptions {
  /** Folder of the state, where the configuration does not tell it. */
  readonly stateDir?: string;
}

const UNIT = 'farola-collector.service';

/**
 * Writes what whoever helps needs to know of this collector, and no secret: a tar that appears whole or not at all. A part that
 * cannot be told takes no other with it. Errors: `output-exists`, `path-unusable`, `permission-denied`, `disk-failure`.
 */
export async function writeSupportBundle(path: string, options: SupportBundleOptions): Promise<void> {
  checkOutput(path);
  const { wallMs: atMs } = systemClock().now();
  const { tar, parts } = await makeBundle(
    { program: 'farola-collector', version: COLLECTOR_VERSION, atMs },
    await partsOf(options),
  );
  await writeOutput(path, tar, SECRET);
  say(options, { path, bytes: tar.length, parts }, ...bundleLines(path, tar.length, parts));
}

function bundleLines(path: string, bytes: number, parts: readonly PartOutcome[]): string[] {
  const missing = parts.flatMap(({ name, missing: why }) => (why === null ? [] : [`missing: ${name}, ${why}`]));
  return [`${path}: ${counted(parts.length - missing.length, 'part')}, ${bytes} bytes, without keys and tokens`, ...missing];
}

async function partsOf({ config: configPath, stateDir: named }: SupportBundleOptions): Promise<BundlePart[]> {
  const loaded = await load(configPath);
  const { shape } = COLLECTOR_CONFIG;
  const stateDir = named ?? loaded.config?.stateDir ?? shape.stateDir.parse(undefined);
  const runDir = loaded.config?.runDir ?? shape.runDir.parse(undefined);
  const paths = statePaths({ stateDir });
  // Of a folder that is not there nothing is made.
  const config = (): CollectorConfig => {
    if (!loaded.config) throw loaded.error ?? new TypeError('neither a configuration nor an error');
    checkMade(paths);
    return { ...loaded.config, stateDir };
  };
  const status = async (): Promise<unknown> => pickFields(await readFleetStatus(config()), STATUS_IN_BUNDLE);
  // Files of the state are opened as whoever they belong to; the rest is of the machine, of which root may see more.
  const ofState = (make: () => unknown) => (): Promise<unknown> => asOwnerOf(stateDir, make);
  return [
    { name: 'versions.json', make: () => versions() },
    { name: 'machine.json', make: machineFacts },
    { name: 'folders.json', make: () => ({ config: configPath, stateDir, runDir, assumed: loaded.config === undefined }) },
    { name: 'config.json', make: () => configPart(loaded) },
    { name: 'status.json', make: ofState(status) },
    { name: 'counts.json', make: ofState(() => counts(paths)) },
    { name: 'running.json', make: () => runningPart(runDir) },
    { name: 'keys.json', make: ofState(() => keysPart(paths, config().collectorId)) },
    { name: 'pushes.json', make: ofState(() => pushes(paths)) },
    { name: 'proof.json', make: ofState(() => proofPart(paths)) },
    { name: 'schemas.json', make: ofState(() => schemas(paths)) },
    { name: 'files.json', make: () => [configPath, stateDir, runDir].map(listFiles) },
    { name: 'disk.json', make: () => [stateDir, runDir, '/'].map(volumeOf) },
    { name: 'clock.json', make: clockPart },
    { name: 'unit.json', make: () => unitFacts(UNIT) },
    { name: 'log.json', make: () => serviceLog(UNIT) },
  ];
}

/** A configuration, or why there is none. */
interface Loaded {
  readonly config?: CollectorConfig;
  readonly error?: FarolaError;
}

async function load(path: string): Promise<Loaded> {
  try {
    return { config: await loadCollectorConfig(path) };
  } catch (error) {
    if (error instanceof FarolaError) return { error };
    throw error;
  }
}

/** Of a folder that is not there nothing is made. Errors: `not-initialised`, those of `isThere`. */
function checkMade({ state: path }: StatePaths): void {
  if (!isThere(path)) throw new FarolaError('not-initialised', { path, command: 'farola-collector init' });
}

function versions(): object {
  return { collector: COLLECTOR_VERSION, protocol: PROTOCOL_VERSIONS, tree: findInstalledTree(OWN_FOLDER)?.mark ?? null };
}

function configPart({ config, error }: Loaded): unknown {
  if (config) return pickFields(config, CONFIG_IN_BUNDLE);
  if (error?.code !== 'config-invalid') throw error ?? new TypeError('neither a configuration nor an error');
  return { missing: error.code, problems: problemPlaces(String(error.facts['problems'] ?? '').split('\n')) };
}
