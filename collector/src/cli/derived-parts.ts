import { type AggregatePartOptions, sqliteAggregatePart } from '../aggregate/sqlite-aggregate-part.js';
import type { DerivedPart } from '../fleet/derived-part.js';
import { sqliteDerivedPart } from '../fleet/sqlite-derived-part.js';
import { openSqliteState } from '../fleet/sqlite-state.js';
import type { StatePaths } from '../config/state-paths.js';

/**
 * Everything that `ledger rebuild` makes anew, in this order. What else is derived from the ledger joins with a line.
 * @param options `leftOut`: what the ledger that they are made from lacks; `onSetAside`: told where a damaged file lies whose place was taken
 */
export function derivedParts(
  paths: StatePaths,
  options: Required<Pick<AggregatePartOptions, 'leftOut' | 'onSetAside'>>,
): readonly DerivedPart[] {
  return [
    sqliteDerivedPart(paths.state),
    sqliteAggregatePart(paths.aggregates, () => openSqliteState({ path: paths.state }), options),
  ];
}
