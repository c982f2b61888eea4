import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/**
 * Runs a script to its end as the user of the test, and gives what it printed. Of root it takes what root may beyond the
 * permissions of a file: who clones into /root lets no other user read the code under test.
 * @param script an ES module; `process.argv[1]` and on are `args`
 * @param folder where it runs, so that it finds what it imports
 */
export async function runPowerlessNode(script: string, folder: string, ...args: readonly string[]): Promise<string> {
  const node = [process.execPath, '--input-type=module', '--eval', script, ...args];
  const isRoot = process.getuid?.() === 0;
  const [command = '', ...rest] = isRoot ? ['setpriv', '--bounding-set=-all', '--inh-caps=-all', '--', ...node] : node;
  const { stdout } = await promisify(execFile)(command, rest, { cwd: folder });
  return stdout;
}
