import { type AnalyserRow, encodeEntry, QUANTITIES, sha256 } from '@farola/shared';

/** Length of a round in simulated time, ms: what lies between two polls of an LCU. */
export const ROUND_MS = 300_000;

const MINUTE_MS = 60_000;
const ANALYSERS = 2;
const QUANTITIES_PER_SAMPLE = 40;
/** Time of the LCU's boot on its wall clock, and how long it had run when the bench began, ms. */
const BOOTED_AT_MS = Date.UTC(2026, 0, 1);
const UPTIME_MS = 20 * 86_400_000;

/** The two three-phase analysers of a simulated panel. */
export const BENCH_ANALYSERS: readonly AnalyserRow[] = Array.from({ length: ANALYSERS }, (_, index) => ({
  index,
  id: `analyser-${index}`,
  line: 'line-1',
  unit: index + 1,
  profileId: 'circutor-cvm-c10',
  profileHash: sha256(Buffer.from('circutor-cvm-c10')),
  profileOrigin: 'shipped',
  serialNumber: null,
  ctRatio: [100, 5],
  vtRatio: null,
  quantities: QUANTITIES.slice(0, QUANTITIES_PER_SAMPLE).map(({ id }) => id),
  periodS: 60,
}));

/** The LCU's clocks at the end of a simulated round. */
export function clocksAt(round: number): { readonly monoMs: number; readonly wallMs: number; readonly quality: 'synchronised' } {
  const monoMs = UPTIME_MS + round * ROUND_MS;
  return { monoMs, wallMs: BOOTED_AT_MS + monoMs, quality: 'synchronised' };
}

const rounds = new Map<number, readonly Uint8Array[]>();
/** LCUs are polled in turn, so that no two are many rounds apart. */
const ROUNDS_KEPT = 64;

/**
 * The samples of one round: one each minute and analyser, 40 quantities each, the newest just taken. All LCUs share
 * their bytes, so that the peer is cheap; their chains and signatures are their own.
 */
export function samplesOf(round: number): readonly Uint8Array[] {
  const known = rounds.get(round);
  if (known) return known;
  const samples = [4, 3, 2, 1, 0].flatMap((minutes) => BENCH_ANALYSERS.map(({ index }) => sample(round, minutes, index)));
  rounds.set(round, samples);
  rounds.delete(round - ROUNDS_KEPT);
  return samples;
}

function sample(round: number, minutesAgo: number, analyser: number): Uint8Array {
  const { monoMs, wallMs, quality } = clocksAt(round);
  const agoMs = minutesAgo * MINUTE_MS;
  return encodeEntry({
    kind: 'sample',
    at: { monoMs: monoMs - agoMs, wallMs: wallMs - agoMs, quality },
    analyser,
    spanMs: 412,
    status: 'complete',
    values: QUANTITIES.slice(0, QUANTITIES_PER_SAMPLE).map(({ unit }, i) => valueOf(unit, round * 5 - minutesAgo, i)),
  });
}

/** A value of the size that a real one has: counters take five bytes, momentary values three. */
function valueOf(unit: string, minute: number, place: number): number {
  if (unit.endsWith('h')) return 48_000_000 + place * 1000 + minute * 97;
  if (unit === '1') return 900 + ((minute + place) % 90);
  return 2_000 + place * 500 + ((minute * 31 + place * 7) % 300);
}
