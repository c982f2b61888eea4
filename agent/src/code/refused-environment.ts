import { FarolaError } from '@farola/shared';

/**
 * Variables that bring code into a process before or beside the code that is measured: node's own, the loader's (ld.so(8)),
 * OpenSSL's, whose configuration names modules to load (config(5ssl)), that of iconv(3), and that of the package `bindings`.
 * bin/farola-agent has the same list.
 */
export const REFUSED_VARIABLES = [
  'NODE_OPTIONS',
  'NODE_PATH',
  'NODE_COMPILE_CACHE',
  'LD_PRELOAD',
  'LD_LIBRARY_PATH',
  'LD_AUDIT',
  'OPENSSL_CONF',
  'OPENSSL_MODULES',
  'OPENSSL_ENGINES',
  'GCONV_PATH',
  'NODE_BINDINGS_COMPILED_DIR',
] as const;

/** With this end node-gyp-build takes the folder of a native module, such as `@SERIALPORT/BINDINGS_CPP_PREBUILD`: no name for a shell. */
const PREBUILD = '_PREBUILD';

/** What bin/farola-agent starts node with: how V8 uses memory and threads, which brings no code in. */
const ALLOWED_OPTION =
  /^--(single-threaded|no-opt|no-sparkplug|max-lazy|optimize-for-size|disallow-code-generation-from-strings|(max-semi-space-size|initial-old-space-size|max-old-space-size)=\d+)$/;

/**
 * Sees that nothing was brought into this process that no hash covers.
 * @param options of node; undefined where any may be used, as in a checkout
 * @throws FarolaError `environment-refused`, `option-refused`
 */
export function checkEnvironment(
  variables: Readonly<Record<string, string | undefined>>,
  options: readonly string[] | undefined,
): void {
  const isSet = (name: string): boolean => (variables[name] ?? '') !== '';
  const name = REFUSED_VARIABLES.find(isSet) ?? Object.keys(variables).find((one) => one.endsWith(PREBUILD) && isSet(one));
  if (name !== undefined) throw new FarolaError('environment-refused', { name });
  const option = options?.find((one) => !ALLOWED_OPTION.test(one));
  if (option !== undefined) throw new FarolaError('option-refused', { option });
}
