import { decodeRow } from '@farola/agent/meter/profile/decode-registers.js';
import { type Profile, quantityIds } from '@farola/agent/meter/profile/profile.js';
import { readProfiles, SHIPPED_PROFILES } from '@farola/agent/meter/profile/profile-file.js';
import { type AnalyserRow, type KnownEntry, type SampleValue } from '@farola/shared';
import type { Circuit } from '@farola/agent/meter/tool/simulate/simulated-load.js';
import { encodeRegisters } from '@farola/agent/meter/tool/simulate/simulated-registers.js';
import { JitteringCircuit } from './wire-load.js';

/** A panel whose samples have the digits that its analysers would show. */
export interface WirePanel {
  readonly analysers: readonly AnalyserRow[];
  /** One sample of each analyser. Call it with rising times. */
  samplesAt(at: { readonly monoMs: number; readonly wallMs: number }): readonly KnownEntry[];
}

const QUANTITIES_PER_SAMPLE = 40;
/** What a lighting circuit leaves at 0, and would cost next to nothing. */
const IDLE = /Capacitive|Export/;
/** As in the simulated panel. */
const MODELS: readonly { readonly profile: string; readonly circuit: Circuit; readonly spanMs: number }[] = [
  { profile: 'circutor-cvm-c10', circuit: { lampWatts: [1_840, 1_750, 1_910], standbyWatts: 18 }, spanMs: 310 },
  { profile: 'eastron-sdm630', circuit: { lampWatts: [920, 1_030, 870], standbyWatts: 9 }, spanMs: 640 },
];

/** A panel with two analysers of 40 quantities each, on lighting circuits of their own. */
export async function wirePanel(startMs: number): Promise<WirePanel> {
  const { profiles } = await readProfiles([SHIPPED_PROFILES]);
  const units = MODELS.map(({ profile: id, circuit, spanMs }, index) => {
    const loaded = profiles.get(id);
    if (!loaded) throw new RangeError(`no profile ${id} is shipped`);
    const profile = withoutIdle(loaded.profile);
    return { id, hash: loaded.hash, profile, spanMs, circuit: new JitteringCircuit(circuit, 11 + index, startMs) };
  });
  let turn = 0;
  return {
    analysers: units.map(({ id, hash, profile }, index) => ({
      index,
      id: `analyser-${index}`,
      line: 'line-1',
      unit: index + 1,
      profileId: id,
      profileHash: hash,
      profileOrigin: 'shipped',
      serialNumber: null,
      ctRatio: [100, 5],
      vtRatio: null,
      quantities: quantityIds(profile),
      periodS: 60,
    })),
    samplesAt({ monoMs, wallMs }) {
      turn++;
      return units.map(({ profile, circuit, spanMs }, analyser): KnownEntry => {
        const lateMs = (turn * 7 + analyser) % 5;
        return {
          kind: 'sample',
          at: { monoMs: monoMs + lateMs, wallMs: wallMs + lateMs, quality: 'synchronised' },
          analyser,
          spanMs: spanMs + ((turn * 5 + analyser * 3) % 11),
          status: 'complete',
          values: asShown(profile, circuit.valuesAt(wallMs)),
        };
      });
    },
  };
}

function withoutIdle(profile: Profile): Profile {
  const rows = profile.rows.filter(({ quantity }) => !IDLE.test(quantity)).slice(0, QUANTITIES_PER_SAMPLE);
  if (rows.length !== QUANTITIES_PER_SAMPLE) throw new RangeError(`${profile.id} has ${rows.length} quantities that move`);
  return { ...profile, rows };
}

/** By way of the registers: with the digits that the model gives, and no others. */
function asShown(profile: Profile, values: Readonly<Record<string, number>>): readonly SampleValue[] {
  const registers = encodeRegisters(profile, (quantity) => values[quantity]);
  const address = Math.min(...registers.keys());
  const bytes = Buffer.alloc(2 * (Math.max(...registers.keys()) - address + 1));
  for (const [register, word] of registers) bytes.writeUInt16BE(word, 2 * (register - address));
  return profile.rows.map((row) => decodeRow(row, { address, bytes }, profile));
}
