import { readdir, readFile } from 'node:fs/promises';
import test from 'ava';
import { openSqliteState } from '@farola/collector/fleet/sqlite-state.js';
import { pause, systemTimers } from '@farola/shared';
import type { RunningProgram } from '#scripts/demo/programs.js';
import { LCU } from '#scripts/demo/set-up.js';
import { counts, openStage, type Stage, until } from './stage.js';

const MINUTES = process.env['FAROLA_LONG'] === '1' ? 20 : 0.5;
/** What a process may grow between the middle and the end of a soak, MB. Garbage is collected when V8 sees fit. */
const GROWTH_MB = 24;

/** Looks at a process, a tenth of a second apart: the agent's signing thread, which comes and goes, has files of its own while it lives. */
const LOOKS = 40;

/** Resident memory of a process, MB, and the least of its open files, beside the most. */
async function load({ pid }: RunningProgram): Promise<{ rssMb: number; files: number; mostFiles: number }> {
  const files: number[] = [];
  for (let look = 0; look < LOOKS; look++) {
    files.push((await readdir(`/proc/${pid}/fd`)).length);
    await pause(systemTimers, 100);
  }
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  const rssMb = Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1024;
  return { rssMb, files: Math.min(...files), mostFiles: Math.max(...files) };
}

async function contactOf({ paths }: Stage) {
  const state = await openSqliteState({ path: paths.stateDb });
  const lcu = state.fleet.find(LCU);
  const contact = lcu && state.derived.contact(lcu.lcuNo);
  state.close();
  return contact;
}

test(`runs for ${MINUTES} minutes at a sample and a poll a second without losing, refusing or growing`, async (t) => {
  t.timeout((MINUTES + 5) * 60_000);
  const stage = await openStage(t);
  const collector = await stage.startCollector();
  await stage.enrol();
  const agent = stage.startAgent();
  await until(async () => (await counts(stage)).rounds >= 5, 'five rounds');
  await pause(systemTimers, MINUTES * 30_000);
  const middle = { agent: await load(agent), collector: await load(collector), rounds: (await counts(stage)).rounds };
  await pause(systemTimers, MINUTES * 30_000);
  const end = { agent: await load(agent), collector: await load(collector), rounds: (await counts(stage)).rounds };
  for (const name of ['agent', 'collector'] as const) {
    t.log(
      `${name}: ${middle[name].rssMb.toFixed(0)} to ${end[name].rssMb.toFixed(0)} MB, ${end[name].files} to ${end[name].mostFiles} files`,
    );
    t.true(end[name].rssMb - middle[name].rssMb < GROWTH_MB, `${name} grew`);
    t.true(end[name].files - middle[name].files <= 2, `${name} leaves files open`);
  }
  const seconds = MINUTES * 30;
  t.true(end.rounds - middle.rounds > seconds / 2, `${end.rounds - middle.rounds} rounds in ${seconds} s`);
  const contact = await contactOf(stage);
  t.like(contact, { verdict: 'ok', answersRefused: 0 });
  t.true((contact?.entriesStored ?? 0) > MINUTES * 60, `${contact?.entriesStored} entries`);
  t.true((contact?.backlog ?? 99) <= 8, `${contact?.backlog} waiting`);
});
