import { join, resolve } from 'node:path';
import {
  type BundlePart,
  counted,
  FarolaError,
  findInstalledTree,
  knownReason,
  listFiles,
  machineFacts,
  makeBundle,
  type PartOutcome,
  pickFields,
  problemPlaces,
  outputTaken,
  PROTOCOL_VERSIONS,
  serviceLog,
  systemClock,
  systemClockFacts,
  unitFacts,
  volumeOf,
} from '@farola/shared';
import { AGENT_CONFIG_PATH } from '../config/config-path.js';
import { loadEffectiveConfig } from '../config/fs-effective-config.js';
import { JOURNAL_FILE } from '../journal/journal.js';
import { readJournalFormat, readJournalStatus } from '../journal/sqlite-journal-status.js';
import type { Running } from '../status/fs-run-status.js';
import { linuxStorage } from '../status/linux-storage.js';
import { createDurably, namedFileFailure } from '../trust/fs-durable-file.js';
import { linuxClockQuality } from '../trust/linux-clock-quality.js';
import { AGENT_VERSION, OWN_FOLDER } from '../version.js';
import { findFolders, type FolderOptions, type FoundFolders } from './folders.js';
import { findStatus } from './found-status.js';
import { say } from './say.js';
import { statusJson } from './status-json.js';
import { CONFIG_IN_BUNDLE, STATUS_IN_BUNDLE } from './support-fields.js';

/** What `farola-agent support-bundle` is asked. */
export interface SupportBundleOptions extends FolderOptions {
  readonly json?: boolean | undefined;
}

const UNIT = 'farola-agent.service';

/**
 * Writes what whoever helps needs to know of this LCU, and no secret: a tar that appears whole or not at all. A part that cannot be
 * told takes no other with it.
 * @throws FarolaError `output-exists`, `path-unusable`, `permission-denied`, `disk-failure`
 */
export async function writeSupportBundle(
  path: string,
  options: SupportBundleOptions,
  out: (line: string) => void,
): Promise<void> {
  const { wallMs: atMs } = systemClock().now();
  const bundle = await makeBundle({ program: 'farola-agent', version: AGENT_VERSION, atMs }, await partsOf(options));
  const written = await createDurably(path, bundle.tar, 0o600).catch((error: unknown) => {
    throw error instanceof FarolaError ? namedFileFailure(path, error.cause ?? error) : error;
  });
  if (!written) throw outputTaken(path);
  const { parts, tar } = bundle;
  say({ out, json: options.json }, { path, bytes: tar.length, parts }, ...bundleLines(path, tar.length, parts));
}

function bundleLines(path: string, bytes: number, parts: readonly PartOutcome[]): string[] {
  const missing = parts.flatMap(({ name, missing: why }) => (why === null ? [] : [`missing: ${name}, ${why}`]));
  return [`${path}: ${counted(parts.length - missing.length, 'part')}, ${bytes} bytes, without keys and tokens`, ...missing];
}

async function partsOf(options: SupportBundleOptions): Promise<BundlePart[]> {
  const configPath = resolve(options.config ?? AGENT_CONFIG_PATH);
  const folders = await findFolders(options);
  const { stateDir, runDir, problem } = folders;
  const assumed = problem !== undefined;
  const journal = join(stateDir, JOURNAL_FILE);
  return [
    { name: 'versions.json', make: () => versions() },
    { name: 'machine.json', make: machineFacts },
    { name: 'folders.json', make: () => ({ config: configPath, stateDir, runDir, assumed }) },
    { name: 'config.json', make: () => configPart(configPath) },
    { name: 'status.json', make: () => statusPart(folders) },
    { name: 'journal.json', make: async () => (await readJournalStatus(journal)) ?? { journal: 'none' } },
    { name: 'schemas.json', make: async () => ({ [JOURNAL_FILE]: (await readJournalFormat(journal)) ?? null }) },
    { name: 'files.json', make: () => [configPath, stateDir, runDir].map(listFiles) },
    { name: 'disk.json', make: () => ({ volumes: [stateDir, runDir, '/'].map(volumeOf), storage: linuxStorage(stateDir) }) },
    { name: 'clock.json', make: () => clockPart(runDir) },
    { name: 'unit.json', make: () => unitFacts(UNIT) },
    { name: 'log.json', make: () => serviceLog(UNIT) },
  ];
}

function versions(): object {
  return { agent: AGENT_VERSION, protocol: PROTOCOL_VERSIONS, tree: findInstalledTree(OWN_FOLDER)?.mark ?? null };
}

async function configPart(path: string): Promise<unknown> {
  try {
    const { config, pushed } = await loadEffectiveConfig(path);
    const { accepted, trial, kept } = pushed.state;
    const collector = { accepted, onTrial: trial?.sequence ?? null, kept: kept?.sequence ?? null };
    return { config: pickFields(config, CONFIG_IN_BUNDLE), collector };
  } catch (error) {
    if (!(error instanceof FarolaError) || error.code !== 'config-invalid') throw error;
    const problems = String(error.facts['problems'] ?? '').split('\n');
    return { missing: error.code, problems: problemPlaces(problems) };
  }
}

async function statusPart(folders: FoundFolders): Promise<unknown> {
  const found = await findStatus(folders, systemClock().now().monoMs);
  return pickFields(statusJson({ ...found, running: found.running && onlyKnown(found.running) }), STATUS_IN_BUNDLE);
}

/** With reasons of the error table alone. */
function onlyKnown(running: Running): Running {
  if (!('status' in running)) return running;
  const { status, liveness } = running;
  return {
    liveness,
    status: { ...status, link: whyKnown(status.link), code: whyKnown(status.code), platform: whyKnown(status.platform) },
  };
}

function whyKnown<T extends { readonly reason: string | null }>(state: T): T {
  return { ...state, reason: state.reason === null ? null : knownReason(state.reason) };
}

async function clockPart(runDir: string): Promise<object> {
  const quality = linuxClockQuality({ runDir });
  await quality.refresh();
  return {
    quality: quality.quality(),
    wall: new Date(systemClock().now().wallMs).toISOString(),
    system: await systemClockFacts(),
  };
}
