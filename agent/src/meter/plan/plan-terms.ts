import { partsOf, spanOf } from '../profile/profile.js';
import type { Profile, RegisterSpan } from '../profile/profile.js';
import type { Block } from './block.js';
import type { PlanMemory } from './plan-memory.js';

/** Registers have addresses of 16 bits. */
const SPACE = 0x10000;

/** One row as the planner sees it. */
export interface PlanItem extends RegisterSpan {
  /** Place of the row in the profile. */
  readonly row: number;
  readonly functionCode: 3 | 4;
  /** It begins at an exclusive register, and is asked for alone. */
  readonly alone: boolean;
}

/** Why rows are not read in one request. `refused` is what the device itself taught. */
export type Obstacle = 'limit' | 'exclusive' | 'barrier' | 'unreadable' | 'hole-too-long' | 'refused';

/** What of a profile bears on requests. */
export type PlannedProfile = Pick<
  Profile,
  'rows' | 'functionCode' | 'maxRegisters' | 'evenCountOnly' | 'maxHoleRegisters' | 'exclusive' | 'barriers' | 'unreadable'
>;

/** What a profile, and what was learned of a device, allow in requests. */
export class PlanTerms {
  /** The rows to read. */
  readonly items: readonly PlanItem[];
  readonly #profile: PlannedProfile;
  readonly #memory: PlanMemory | undefined;
  readonly #all: readonly PlanItem[];
  readonly #known: Readonly<Record<3 | 4, ReadonlySet<number>>>;
  readonly #absent: readonly PlanItem[];

  /** @param chosen places of the rows to read; all when it is not told */
  constructor(profile: PlannedProfile, memory?: PlanMemory, chosen?: readonly number[]) {
    this.#profile = profile;
    this.#memory = memory;
    this.#all = profile.rows.map((row, index) => ({
      ...spanOf(row),
      row: index,
      functionCode: row.functionCode ?? profile.functionCode,
      alone: partsOf(row).some(({ addr }) => profile.exclusive.includes(addr)),
    }));
    this.#known = { 3: registersIn(this.#all, 3), 4: registersIn(this.#all, 4) };
    this.#absent = this.#all.filter(({ row }) => memory?.absent.includes(row));
    const wanted = chosen && new Set(chosen);
    this.items = this.#all.filter((item) => (!wanted || wanted.has(item.row)) && !this.#isAbsent(item));
  }

  /** Most registers of one request. */
  get maxRegisters(): number {
    return this.#profile.maxRegisters;
  }

  /** Whether a register is part of a row that is read with others, and so one that the model should have. */
  isKnown(register: number, functionCode: 3 | 4): boolean {
    return this.#known[functionCode].has(register);
  }

  /** Whether the model allows to read what lies between its rows in this span. */
  readsAlong(span: RegisterSpan, functionCode: 3 | 4): boolean {
    return this.#holeObstacle(span, functionCode) === undefined;
  }

  /** The row at this place of the profile. */
  item(row: number): PlanItem | undefined {
    return this.#all[row];
  }

  /** The request that reads these rows at once; or why there is none. All have one function code. */
  request(items: readonly PlanItem[]): Block | Obstacle {
    const rows = items.map(({ row }) => row);
    const functionCode = items[0]?.functionCode ?? this.#profile.functionCode;
    const span = spanOfAll(items);
    if (items.some(({ alone }) => alone)) {
      return items.length === 1 ? { functionCode, address: span.from, count: span.to - span.from, rows } : 'exclusive';
    }
    const inside = this.#holeObstacle(span, functionCode) ?? this.#cutBetween(items, functionCode);
    if (inside) return inside;
    let first: Obstacle | undefined;
    for (const { from, to } of this.#evened(span)) {
      const why = this.obstacle({ from, to }, functionCode);
      if (!why) return { functionCode, address: from, count: to - from, rows };
      first ??= why;
    }
    return first ?? 'limit';
  }

  /** Why no request may read exactly this span, whatever it is for. */
  obstacle(span: RegisterSpan, functionCode: 3 | 4): Obstacle | undefined {
    const { maxRegisters, exclusive, barriers, unreadable, evenCountOnly } = this.#profile;
    const count = span.to - span.from;
    if (count < 1 || count > maxRegisters || span.from < 0 || span.to > SPACE || (evenCountOnly && count % 2 === 1))
      return 'limit';
    if (exclusive.some((register) => register === span.from || this.#isHole(register, span, functionCode))) return 'exclusive';
    if (barriers.some((barrier) => span.from < barrier && barrier < span.to)) return 'barrier';
    if (unreadable.some(({ from, to }) => span.from <= to && from < span.to)) return 'unreadable';
    const holes = this.#memory?.holes.filter((hole) => hole.functionCode === functionCode) ?? [];
    const absent = this.#absent.filter((item) => item.functionCode === functionCode);
    return [...holes, ...absent].some((one) => overlap(one, span)) ? 'refused' : undefined;
  }

  #isHole(register: number, span: RegisterSpan, functionCode: 3 | 4): boolean {
    return span.from <= register && register < span.to && !this.isKnown(register, functionCode);
  }

  #holeObstacle(span: RegisterSpan, functionCode: 3 | 4): Obstacle | undefined {
    if (span.to - span.from > this.#profile.maxRegisters) return 'limit';
    let hole = 0;
    for (let register = span.from; register < span.to; register++) {
      hole = this.isKnown(register, functionCode) ? 0 : hole + 1;
      if (hole > this.#profile.maxHoleRegisters) return 'hole-too-long';
    }
    return undefined;
  }

  /** A cut counts between rows: one inside a row would make it unreadable. */
  #cutBetween(items: readonly PlanItem[], functionCode: 3 | 4): Obstacle | undefined {
    const cuts = this.#memory?.cuts.filter((cut) => cut.functionCode === functionCode) ?? [];
    const separates = (at: number): boolean =>
      items.some(({ to }) => to <= at) &&
      items.some(({ from }) => from >= at) &&
      !items.some(({ from, to }) => from < at && at < to);
    return cuts.some(({ at }) => separates(at)) ? 'refused' : undefined;
  }

  /** The span, made even where the model wants that: by the register behind it, or that in front. */
  #evened(span: RegisterSpan): RegisterSpan[] {
    if (!this.#profile.evenCountOnly || (span.to - span.from) % 2 === 0) return [span];
    return [
      { from: span.from, to: span.to + 1 },
      { from: span.from - 1, to: span.to },
    ];
  }

  /** A row that shares a register with one that the device does not have is not there either. */
  #isAbsent(item: PlanItem): boolean {
    return this.#absent.some((one) => one.functionCode === item.functionCode && overlap(one, item));
  }
}

/** From the first register of all to the last. */
export function spanOfAll(spans: readonly RegisterSpan[]): RegisterSpan {
  return { from: Math.min(...spans.map(({ from }) => from)), to: Math.max(...spans.map(({ to }) => to)) };
}

function overlap(a: RegisterSpan, b: RegisterSpan): boolean {
  return a.from < b.to && b.from < a.to;
}

function registersIn(items: readonly PlanItem[], functionCode: 3 | 4): ReadonlySet<number> {
  const known = new Set<number>();
  for (const item of items) {
    if (item.functionCode !== functionCode || item.alone) continue;
    for (let register = item.from; register < item.to; register++) known.add(register);
  }
  return known;
}
