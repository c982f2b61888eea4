import type { EventCode } from '@farola/shared';

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

/** The facts of an event for people, each with its name; those of an event that this version does not know as they are. */
export function nameFacts(code: string, facts: readonly string[]): string {
  const names = Object.hasOwn(NAMES, code) ? NAMES[code as EventCode] : [];
  return facts.map((fact, i) => (names[i] === undefined ? fact : `${names[i]} ${fact}`)).join(', ');
}
