import { toHex } from '@farola/shared';
import type { ClockAnchors, EpochReader, EpochTable } from '../fleet/derived-state.js';

/** What readings ask of the derived state for each row. */
type Asked = Pick<EpochReader, 'table' | 'anchors'>;

/** Asks once for each epoch and boot of one LCU: all rows of a span are of few. For as long as one question takes. */
export function rememberTables(derived: Asked): Asked {
  const tables = new Map<string, EpochTable | undefined>();
  const anchors = new Map<string, ClockAnchors>();
  return {
    table: (lcuNo, id, shared) => remembered(tables, `${lcuNo}/${toHex(id)}`, () => derived.table(lcuNo, id, shared)),
    anchors: (lcuNo, boot) => remembered(anchors, `${lcuNo}/${toHex(boot)}`, () => derived.anchors(lcuNo, boot)),
  };
}

function remembered<Value>(known: Map<string, Value>, name: string, ask: () => Value): Value {
  const value = known.get(name);
  if (value !== undefined || known.has(name)) return value as Value;
  const asked = ask();
  known.set(name, asked);
  return asked;
}
