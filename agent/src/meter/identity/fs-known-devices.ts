import { join } from 'node:path';
import { FarolaError } from '@farola/shared';
import type { Log } from '../../log/log.js';
import { readJsonIfThere, writeDurably } from '../../trust/fs-durable-file.js';
import type { KnownDevice, KnownDevices } from './known-devices.js';

/** Name of the file in the state folder. */
export const KNOWN_DEVICES_FILE = 'meters.json';

/** Devices that are remembered in a file. */
export interface StoredDevices extends KnownDevices {
  /** Resolves when what was kept is written, or cannot be. */
  written(): Promise<void>;
}

/**
 * Remembers devices in a file of the state folder, which is written only when something changed. A file that is not what this
 * agent writes counts for nothing, and is replaced; one that cannot be read is told in the log, and counts for nothing: all that is
 * lost is whether something changed while nobody looked.
 */
export async function fsKnownDevices(stateDir: string, log: Log): Promise<StoredDevices> {
  const path = join(stateDir, KNOWN_DEVICES_FILE);
  const known = new Map(devicesIn(await readStored(path, log)));
  let stored = textOf(known);
  let writing: Promise<void> = Promise.resolve();

  async function write(): Promise<void> {
    const text = textOf(known);
    if (text === stored) return;
    try {
      await writeDurably(path, text, 0o640);
      stored = text;
    } catch (error) {
      if (!(error instanceof FarolaError)) throw error;
      log.warn(error.code, error.facts);
    }
  }

  return {
    of: (analyser) => known.get(analyser),
    keep(analyser, device) {
      known.set(analyser, device);
      writing = writing.then(write);
    },
    written: () => writing,
  };
}

async function readStored(path: string, log: Log): Promise<unknown> {
  try {
    return (await readJsonIfThere(path))?.json;
  } catch (error) {
    if (!(error instanceof FarolaError)) throw error;
    log.warn(error.code, error.facts);
    return undefined;
  }
}

function textOf(known: ReadonlyMap<string, KnownDevice>): string {
  return `${JSON.stringify(Object.fromEntries(known), null, 2)}\n`;
}

function devicesIn(json: unknown): [string, KnownDevice][] {
  if (!isRecord(json)) return [];
  return Object.entries(json).flatMap(([analyser, device]) => (isDevice(device) ? [[analyser, device]] : []));
}

/** Fields that are text or null. */
const TEXTS = ['model', 'productName', 'serialNumber', 'firmware'];

function isDevice(json: unknown): json is KnownDevice {
  if (!isRecord(json) || typeof json['profileId'] !== 'string') return false;
  const { settings } = json;
  const named = TEXTS.every((name) => json[name] === null || typeof json[name] === 'string');
  const { changes = [] } = json;
  if (!Array.isArray(changes) || !changes.every(isChange)) return false;
  return named && isRecord(settings) && Object.values(settings).every((value) => typeof value === 'string');
}

function isChange(json: unknown): boolean {
  if (!isRecord(json) || typeof json['atMs'] !== 'number') return false;
  return ['setting', 'before', 'now'].every((name) => typeof json[name] === 'string');
}

function isRecord(json: unknown): json is Record<string, unknown> {
  return typeof json === 'object' && json !== null && !Array.isArray(json);
}
