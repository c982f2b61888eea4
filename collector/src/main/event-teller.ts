import { describeEvent } from '../api/describe-event.js';
import type { EventFact } from '../fleet/derived-state.js';
import type { Fleet } from '../fleet/fleet.js';
import type { Log } from '../log/log.js';

/** Tells each event once: this is where it is notified. A late one is history, and marked so. */
export function eventTeller(log: Log, fleet: Pick<Fleet, 'list'>): (events: readonly EventFact[]) => void {
  return (events) => {
    const names = new Map(fleet.list().map(({ lcuNo, lcuId }) => [lcuNo, lcuId]));
    for (const event of events) {
      const { code, facts, late, ageMs } = describeEvent(event);
      log.info({ lcu: names.get(event.lcuNo), event: code, facts, late, ageS: Math.round(ageMs / 1000) }, 'event');
    }
  };
}
