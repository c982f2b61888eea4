import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { listed, textOf } from '../manifest/fs-present.js';
import { neededLibraries, readLoader } from './linux-loader.js';

/** What a program runs on, as far as the program itself has to say it. */
export interface PlatformSources {
  /** Files that were mapped to be executed when it began, see `mappedFiles`. */
  readonly mapped: readonly string[];
  /** Its systemd unit, such as `farola-agent.service`. */
  readonly unit: string;
}

/** Where systemd looks for units and their drop-ins, systemd.unit(5). */
const UNIT_FOLDERS = [
  'etc/systemd/system.control',
  'run/systemd/system.control',
  'run/systemd/transient',
  'run/systemd/generator.early',
  'etc/systemd/system',
  'etc/systemd/system.attached',
  'run/systemd/system',
  'run/systemd/system.attached',
  'run/systemd/generator',
  'usr/local/lib/systemd/system',
  'usr/lib/systemd/system',
  'run/systemd/generator.late',
];
/** What bin/farola-agent is run by and runs itself, and what speaks to systemd for it. */
const LAUNCHED = ['bin/sh', 'usr/bin/dirname', 'usr/bin/readlink', 'usr/bin/systemd-notify'];
/** Names what code is loaded into a running program: by the C library, nsswitch.conf(5), and by OpenSSL, config(5ssl). */
const NAME_SERVICES = 'etc/nsswitch.conf';
const OPENSSL = 'etc/ssl/openssl.cnf';
const PROGRAMS = 'usr/bin';
const DROP_IN = /\.conf$/;
const TPM_TOOL = /^tpm2(_[a-z0-9]+)?$/;
const TPM_LIBRARY = /^libtss2-[a-z0-9-]+\.so/;

/**
 * What a program runs on, by absolute paths, of which some may not be there or lead to the same file: what was mapped when it began,
 * its unit and drop-ins, what the launcher runs, what loader, C library and OpenSSL are configured to bring in, the tools of the
 * TPM, and the libraries that all of them ask for. The same at each moment of a run, unless the machine was changed. Error:
 * `tree-unreadable`.
 * @param natives absolute paths of the program's native modules: they are of its code, what they ask for is of the platform
 * @param root in place of `/`
 */
export function linuxPlatformFiles({ mapped, unit }: PlatformSources, natives: readonly string[] = [], root = '/'): string[] {
  const loader = readLoader(root);
  const fixed = [NAME_SERVICES, OPENSSL].map((path) => join(root, path));
  const programs = LAUNCHED.map((path) => join(root, path));
  const tools = matching(join(root, PROGRAMS), listed(join(root, PROGRAMS)), [TPM_TOOL]);
  const loaded = [TPM_LIBRARY, ...servicesOf(join(root, NAME_SERVICES))];
  const loadedByName = loader.folders.flatMap(({ path, names }) => matching(path, names, loaded));
  const running = [...mapped, ...programs, ...tools, ...loadedByName];
  const needed = neededLibraries([...running, ...natives], loader);
  return [...running, ...needed, ...loader.files, ...fixed, ...unitFiles(unit, root)];
}

/**
 * The program and what is mapped to be executed, proc_pid_maps(5). Call it before native modules are loaded, which belong to the
 * code. @param root in place of `/`
 */
export function mappedFiles(program: string, root = '/'): string[] {
  const lines = readFileSync(join(root, 'proc/self/maps'), 'utf8').split('\n');
  return [program, ...lines.flatMap((line) => /^\S+ ..x. \S+ \S+ \d+ +(\/.*?)( \(deleted\))?$/.exec(line)?.[1] ?? [])];
}

/** The unit, and drop-ins of it, of units that begin as it does, and of all of its type. */
function unitFiles(unit: string, root: string): string[] {
  const [name = '', type = ''] = unit.split('.');
  const parts = name.split('-').slice(0, -1);
  const prefixes = parts.map((_, i) => `${parts.slice(0, i + 1).join('-')}-.${type}.d`);
  const folders = [`${unit}.d`, ...prefixes, `${type}.d`];
  return UNIT_FOLDERS.flatMap((folder) => {
    const base = join(root, folder);
    const dropIns = folders.flatMap((of) => matching(join(base, of), listed(join(base, of)), [DROP_IN]));
    return [join(base, unit), ...dropIns];
  });
}

/** The libraries of the name services that are configured, whatever they look up. */
function servicesOf(path: string): RegExp[] {
  const text = textOf(path);
  const named = text.replace(/#.*/g, '').matchAll(/^\s*\w+\s*:(.*)$/gm);
  const services = [...named].flatMap(([, list = '']) => list.replace(/\[[^\]]*\]/g, ' ').match(/[a-z0-9_]+/g) ?? []);
  return [...new Set(services)].map((service) => new RegExp(`^libnss_${service}\\.so`));
}

function matching(folder: string, names: Iterable<string>, patterns: readonly RegExp[]): string[] {
  return [...names].filter((name) => patterns.some((pattern) => pattern.test(name))).map((name) => join(folder, name));
}
