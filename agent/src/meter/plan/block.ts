import type { RegisterSpan } from '../profile/profile.js';

/** One request: the registers it reads and the rows that it gives values to. */
export interface Block {
  readonly functionCode: 3 | 4;
  readonly address: number;
  readonly count: number;
  /** Places of the rows in the profile. */
  readonly rows: readonly number[];
}

/** The registers that a block reads. */
export function spanOfBlock({ address, count }: Pick<Block, 'address' | 'count'>): RegisterSpan {
  return { from: address, to: address + count };
}
