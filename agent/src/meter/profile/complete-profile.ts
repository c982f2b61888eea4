import type { Profile } from './profile.js';

/** What the schema puts in by itself. */
type Model = NonNullable<NonNullable<Profile['identity']>['model']>;

/** A profile as its file has it: what is left out stands for what most models do. */
export type WrittenProfile = Omit<Partial<Profile>, 'identity' | 'rows'> & {
  readonly identity?: Omit<NonNullable<Profile['identity']>, 'model'> & { readonly model?: Partial<Model> };
  readonly rows: readonly Partial<Profile['rows'][number]>[];
};

/**
 * Puts in what a file leaves out, as the schema does, of a file that is known to be good: those that ship are held to the schema
 * when they are built, and by the code hash from then on. The schema itself takes a megabyte of a running agent.
 */
export function completeProfile(written: WrittenProfile): Profile {
  const { identity, rows, ...plain } = written;
  return {
    wordOrder: 'highFirst',
    byteOrder: 'highFirst',
    maxRegisters: 125,
    evenCountOnly: false,
    maxHoleRegisters: 124,
    exclusive: [],
    barriers: [],
    unreadable: [],
    minGapMs: 0,
    timeoutMs: {},
    setup: [],
    neverWrite: [],
    invalid: {},
    warnings: [],
    wrongMaps: [],
    notes: [],
    ...plain,
    ...(identity && {
      identity: identity.model ? { ...identity, model: { ...identity.model, refused: identity.model.refused ?? {} } } : identity,
    }),
    rows: rows.map((row) => ({ ...row, zeroIsMissing: row.zeroIsMissing ?? false })),
  } as Profile;
}
