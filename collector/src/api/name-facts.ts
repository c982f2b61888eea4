import { type EventCode, formatValue, quantityById } from '@farola/shared';

const CHANGED = ['before', 'now', 'files', 'which'];
const COUNTER = ['analyser', 'quantity', 'before', 'now'];
const RANGE = ['epoch', 'from', 'to'];

/** What the facts of each event are, in their order (EVENT_CODES in the shared code says more). */
const NAMES: Readonly<Record<EventCode, readonly string[]>> = {
  'stop': [],
  'ack-disagrees': ['epoch', 'entry', 'collector has'],
  'evicted': RANGE,
  'journal-set-aside': ['file'],
  'damaged': RANGE,
  'entries-lost': ['entries'],
  'code-changed': CHANGED,
  'platform-measured': ['platform', 'files'],
  'platform-changed': CHANGED,
  'config-applied': ['configuration', 'hash', 'by'],
  'config-rolled-back': ['configuration', 'hash', 'because'],
  'config-refused': ['configuration', 'hash', 'because'],
  'meter-identified': ['analyser', 'unit', 'profile', 'model', 'serial number', 'firmware'],
  'meter-mismatch': ['analyser', 'unit', 'profile', 'it says', 'looks like'],
  'meter-exchanged': ['analyser', 'serial number before', 'now'],
  'setting-changed': ['analyser', 'setting', 'before', 'now'],
  'counter-back': COUNTER,
  'counter-rolled-over': COUNTER,
  'counter-reset': COUNTER,
  'counter-zero': COUNTER,
  'counter-jumped': COUNTER,
};

/** What an LCU could not tell stands so in a fact (describe-event.ts). */
const NOT_TOLD = 'null';
const WHOLE = /^-?\d+$/;

/** The facts of an event for people, each with its name; those of an event that this version does not know as they are. */
export function nameFacts(code: string, facts: readonly string[]): string {
  const names = Object.hasOwn(NAMES, code) ? NAMES[code as EventCode] : [];
  const written = names === COUNTER ? counterFacts(facts) : facts;
  return written
    .map((fact) => (fact === NOT_TOLD ? 'not told' : fact))
    .map((fact, i) => (names[i] === undefined ? fact : `${names[i]} ${fact}`))
    .join(', ');
}

/** The quantity by its name, its values in its unit; as they are where this version does not know it. */
function counterFacts([analyser = '', id = '', ...values]: readonly string[]): string[] {
  const quantity = WHOLE.test(id) ? quantityById(Number(id)) : undefined;
  if (!quantity) return [analyser, id, ...values];
  const written = values.map((value) => {
    return WHOLE.test(value) ? `${formatValue(BigInt(value), quantity.decimals)} ${quantity.unit}` : value;
  });
  return [analyser, quantity.name, ...written];
}
