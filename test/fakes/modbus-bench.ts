import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { formatValue, quantityById, systemClock, systemTimers } from '@farola/shared';
import { loadAgentConfig } from '@farola/agent/config.js';
import { lineAdapters } from '@farola/agent/meter/line/line-adapters.js';
import { openMeter } from '@farola/agent/meter/meter.js';
import type { Meter } from '@farola/agent/meter/meter.js';
import { shippedProfiles } from '@farola/agent/meter/profile/profile-file.js';
import type { Reading } from '@farola/agent/meter/reading.js';
import type { ExecutionContext } from 'ava';

/** A folder that goes with the test. */
export async function temporaryFolder(t: ExecutionContext): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'farola-meter-'));
  t.teardown(() => rm(path, { recursive: true, force: true }));
  return path;
}

/** Writes a configuration and answers with its path. Its run folder is its own, unless it names one: no agent of this machine reads its lines. */
export async function writeConfig(t: ExecutionContext, yaml: string): Promise<string> {
  const folder = await temporaryFolder(t);
  const path = join(folder, 'agent.yaml');
  await writeFile(path, yaml.includes('runDir:') ? yaml : `${yaml.trimEnd()}\nrunDir: ${folder}\n`);
  return path;
}

/** A meter with its real adapters, from the text of a configuration. */
export async function realMeter(t: ExecutionContext, yaml: string): Promise<Meter> {
  const { config, profiles } = await loadAgentConfig(await writeConfig(t, yaml));
  const meter = openMeter(config, profiles, {
    clock: systemClock(),
    timers: systemTimers,
    recognisable: shippedProfiles,
    ...(await lineAdapters()),
  });
  t.teardown(() => meter.close());
  return meter;
}

/** Reads one analyser; values by the name of the quantity, as exact decimals in its unit. */
export async function readNamed(meter: Meter, index: number): Promise<Reading & { named: Record<string, string | null> }> {
  const reading = await meter.readers[index]?.read();
  const analyser = meter.analysers[index];
  if (!reading || !analyser) throw new RangeError(`no analyser ${index}`);
  const named: Record<string, string | null> = {};
  analyser.quantities.forEach((id, place) => {
    const quantity = quantityById(id);
    const value = reading.values[place] ?? null;
    if (quantity) named[quantity.name] = value === null ? null : formatValue(value, quantity.decimals);
  });
  return { ...reading, named };
}
