import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** How mkdtemp(3) names a folder of the demo. */
const NAME = /^farola-demo-[A-Za-z0-9]{6}$/;
/** Says which process a folder belongs to: its id and when it began, since ids are given again. */
const OWNER_FILE = 'demo.pid';
/** Field of /proc/PID/stat that says when a process began, counted behind its name (proc_pid_stat(5): the 22nd of all). */
const STARTED_FIELD = 19;

/** Makes a folder for one demo, and removes those of demos that were killed. @param parent where they lie */
export async function makeDemoFolder(parent: string): Promise<string> {
  await removeForsaken(parent);
  const folder = await mkdtemp(join(parent, 'farola-demo-'));
  await writeFile(join(folder, OWNER_FILE), `${process.pid} ${await startOf(process.pid)}\n`);
  return folder;
}

/** Removes the folders whose demo is gone. What does not say whose it is stays, and so does what another user owns. */
async function removeForsaken(parent: string): Promise<void> {
  for (const name of (await readdir(parent)).filter((one) => NAME.test(one))) {
    const owner = await readFile(join(parent, name, OWNER_FILE), 'utf8').catch(() => '');
    const [, pid, started] = /^(\d+) (\d+)\n$/.exec(owner) ?? [];
    if (pid === undefined || (await startOf(Number(pid))) === started) continue;
    await rm(join(parent, name), { recursive: true, force: true }).catch(() => undefined);
  }
}

/** When a process began, in ticks since boot; empty when there is none. */
async function startOf(pid: number): Promise<string> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[STARTED_FIELD] ?? '';
}
