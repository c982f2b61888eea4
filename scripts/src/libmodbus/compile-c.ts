import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { FarolaError } from '@farola/shared';

/** A program in C of this repository. */
export type CProgram = 'libmodbus/libmodbus-slave' | 'libmodbus/libmodbus-reader' | 'bench/paced-line';

const SOURCES = fileURLToPath(new URL('../../src', import.meta.url));
const NEEDED = 'gcc, libc6-dev and libmodbus-dev';

const run = promisify(execFile);

/**
 * Compiles a program against Debian's libmodbus.
 * @param folder where it is put
 * @returns its path
 * @throws FarolaError `usage` when compiler or library are missing, or refuse
 */
export async function compileC(program: CProgram, folder: string): Promise<string> {
  const binary = join(folder, program.replace('/', '-'));
  const flags = ['-O2', '-Wall', '-Werror', '-I/usr/include/modbus', '-o', binary, join(SOURCES, `${program}.c`), '-lmodbus'];
  try {
    await run('gcc', flags);
    return binary;
  } catch (error) {
    const said = error instanceof Error ? error.message.split('\n').at(1) || error.message : String(error);
    throw new FarolaError('usage', { reason: `${program}.c is not compiled, which needs ${NEEDED}: ${said}` }, { cause: error });
  }
}

/** Why programs in C cannot be compiled here, as in `needs libmodbus-dev`; undefined when they can. */
export async function whyNoLibmodbus(): Promise<string | undefined> {
  return run('gcc', ['-fsyntax-only', '-I/usr/include/modbus', join(SOURCES, 'libmodbus/libmodbus-slave.c')]).then(
    () => undefined,
    () => 'needs gcc and libmodbus-dev',
  );
}
