import { mkdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { FarolaError, isName, systemClock } from '@farola/shared';
import { stringify } from 'yaml';
import { parseCollectorConfig } from '../fs-config.js';
import { makeCollectorKeys } from '../trust/fs-collector-keys.js';
import { writePublicFile } from '../trust/fs-key-file.js';
import type { CommandOptions } from './command-options.js';

/** Options of `init`. */
export interface InitOptions extends CommandOptions {
  readonly id: string;
  readonly address: string;
  readonly listen?: string;
  readonly stateDir: string;
  readonly runDir: string;
  readonly pollSeconds: string;
}

/**
 * Makes a new collector. The keys are made in a folder aside that is renamed when all are there, and the configuration
 * is written last: killed anywhere, a second run begins anew. Errors: `already-initialised`, `config-invalid`,
 * `name-invalid`, `permission-denied`.
 */
export async function initCollector(options: InitOptions): Promise<void> {
  const { id, config: path, stateDir, out } = options;
  if (!isName(id)) throw new FarolaError('name-invalid', { what: 'collector', name: id });
  const text = configText(options);
  const config = parseCollectorConfig(text, path);
  const keysDir = join(stateDir, 'keys');
  if (await exists(path)) throw new FarolaError('already-initialised', { path });
  if (!(await exists(keysDir))) {
    await guard(stateDir, async () => {
      await mkdir(stateDir, { recursive: true, mode: 0o750 });
      await rm(`${keysDir}.new`, { recursive: true, force: true });
      await makeCollectorKeys(`${keysDir}.new`, id, new URL(config.publicAddress).hostname, systemClock());
      await rename(`${keysDir}.new`, keysDir);
    });
  }
  await guard(path, async () => {
    await mkdir(dirname(path), { recursive: true });
    await writePublicFile(path, text);
  });
  out(`collector ${id} is ready`);
  out(`  configuration  ${path}`);
  out(`  keys           ${keysDir}`);
  out(`Move ${join(keysDir, 'root.key')} to an encrypted medium that is kept offline: the collector runs without it.`);
}

function configText({ id, address, listen, stateDir, runDir, pollSeconds }: InitOptions): string {
  const port = /:(\d+)$/.exec(address)?.[1];
  const at = /^(?<host>.+):(?<port>\d+)$/.exec(listen ?? `0.0.0.0:${port ?? 8443}`)?.groups;
  if (!at) throw new FarolaError('usage', { reason: `--listen ${listen ?? ''} is not host:port` });
  return stringify({
    collectorId: id,
    publicAddress: address,
    stateDir,
    runDir,
    listen: { host: at['host'], port: Number(at['port']) },
    pollSeconds: Number(pollSeconds),
  });
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    (error: unknown) => {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
      throw permission(path, error);
    },
  );
}

async function guard(path: string, run: () => Promise<void>): Promise<void> {
  try {
    await run();
  } catch (error) {
    throw permission(path, error);
  }
}

function permission(path: string, error: unknown): unknown {
  const { code } = error as NodeJS.ErrnoException;
  if (code !== 'EACCES' && code !== 'EROFS' && code !== 'ENOTDIR') return error;
  return new FarolaError('permission-denied', { path, remedy: 'run it as root, or name another folder' });
}
