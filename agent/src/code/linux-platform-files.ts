import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Where systemd looks for units and their drop-ins (systemd.unit(5)). */
const UNIT_FOLDERS = ['etc/systemd/system', 'run/systemd/system', 'usr/local/lib/systemd/system', 'usr/lib/systemd/system'];
const UNIT = 'farola-agent.service';
/** Drop-ins of the unit, of units that begin as it does, and of all services. */
const DROP_IN_FOLDERS = [`${UNIT}.d`, 'farola-.service.d', 'service.d'];
/** What the launcher is run by, what the loader loads into everything, what speaks to systemd, and the tools of the TPM. */
const FIXED = ['bin/sh', 'etc/ld.so.preload', 'usr/bin/systemd-notify', 'usr/bin/tpm2'];
const LIBRARIES = 'usr/lib';
const TPM_LIBRARY = /^libtss2-[a-z0-9-]+\.so/;

/**
 * What this process runs on, by absolute paths: node, the libraries that are mapped now, the unit and its drop-ins, and
 * what belongs to the TPM. Some may not be there. Call it before native modules are loaded, which belong to the code.
 */
export function linuxPlatformFiles(root = '/'): string[] {
  const fixed = FIXED.map((path) => join(root, path));
  return [process.execPath, ...mappedFiles(join(root, 'proc/self/maps')), ...fixed, ...unitFiles(root), ...tpmLibraries(root)];
}

/** Files that are mapped to be executed, proc_pid_maps(5). */
function mappedFiles(maps: string): string[] {
  const lines = readFileSync(maps, 'utf8').split('\n');
  return lines.flatMap((line) => /^\S+ ..x. \S+ \S+ \d+ +(\/.*?)( \(deleted\))?$/.exec(line)?.[1] ?? []);
}

function unitFiles(root: string): string[] {
  return UNIT_FOLDERS.flatMap((folder) => {
    const base = join(root, folder);
    const dropIns = DROP_IN_FOLDERS.flatMap((name) => listed(join(base, name)).filter((file) => file.endsWith('.conf')));
    return [join(base, UNIT), ...dropIns];
  });
}

/** Below the library folder, or the one of this machine's architecture in it. */
function tpmLibraries(root: string): string[] {
  const base = join(root, LIBRARIES);
  const folders = [base, ...listed(base).filter((path) => path.endsWith('-linux-gnu'))];
  return folders.flatMap((folder) => listed(folder).filter((path) => TPM_LIBRARY.test(path.slice(folder.length + 1))));
}

/** Paths of what a folder holds; none when it is not there. */
function listed(folder: string): string[] {
  try {
    return readdirSync(folder)
      .sort()
      .map((name) => join(folder, name));
  } catch {
    return [];
  }
}
