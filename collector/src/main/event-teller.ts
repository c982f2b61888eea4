import { describeEvent } from '../api/describe-event.js';
import type { EventFact } from '../fleet/derived-state.js';
import type { FleetReader } from '../fleet/fleet.js';
import type { Log } from '../log/log.js';

/** What the facts of one event may take in the log, bytes of JSON: an entry can carry 8 KiB of them. */
const FACTS_BYTES = 1024;

/**
 * Hands each event to the log once: this is where it is notified. Live ones come first, as `event`; late ones are history
 * and are told as `late event`, so that where lines are bounded by message (`LcuLines`) those of an outage take no room from
 * what happens now. Of long facts the beginning is told, and how many were cut or left out; `farola-collector events` shows
 * every event, whole.
 */
export function eventTeller(log: Log, fleet: Pick<FleetReader, 'list' | 'version'>): (events: readonly EventFact[]) => void {
  let names: ReadonlyMap<number, string> = new Map();
  let listedVersion: number | undefined;
  return (events) => {
    if (events.length === 0) return;
    const version = fleet.version();
    if (version !== listedVersion) names = new Map(fleet.list().map(({ lcuNo, lcuId }) => [lcuNo, lcuId]));
    listedVersion = version;
    for (const event of [...events.filter(({ late }) => !late), ...events.filter(({ late }) => late)]) {
      const { code, facts, late, ageMs } = describeEvent(event);
      const ageS = Math.round(ageMs / 1000);
      const line = { lcu: names.get(event.lcuNo), event: code, ...beginningOf(facts), late, ageS };
      log.info(line, late ? 'late event' : 'event');
    }
  };
}

/** The facts that fit, of which the last may be cut; and how many do not, if any. */
function beginningOf(facts: readonly string[]): { readonly facts: readonly string[]; readonly factsLeftOut?: number } {
  const told: string[] = [];
  let room = FACTS_BYTES - '[]'.length + ','.length;
  for (const [i, fact] of facts.entries()) {
    const size = sizeOf(fact) + '"",'.length;
    if (size > room) return { facts: [...told, ...cut(fact, room - '"…",'.length - 2)], factsLeftOut: facts.length - i };
    told.push(fact);
    room -= size;
  }
  return { facts: told };
}

/** As much of a text as fits, if any does. */
function cut(text: string, room: number): readonly string[] {
  let [end, left] = [0, room];
  for (const character of text) {
    left -= sizeOf(character);
    if (left < 0) break;
    end += character.length;
  }
  return end > 0 ? [`${text.slice(0, end)}…`] : [];
}

/** Bytes of a text in JSON, without its quotes. */
function sizeOf(text: string): number {
  return Buffer.byteLength(JSON.stringify(text)) - '""'.length;
}
