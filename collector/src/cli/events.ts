import { FarolaError, isoTime, printable, systemClock, textTable } from '@farola/shared';
import { type DescribedEvent, describeEvent } from '../api/describe-event.js';
import type { CommandOptions } from './command-options.js';
import { withState } from './open-store.js';
import { parseSpan } from './parse-time.js';

/** Options of `events`. */
export interface EventsOptions extends CommandOptions {
  readonly lcuId?: string | undefined;
  readonly from?: string;
  readonly json?: boolean;
}

/**
 * Prints what LCUs recorded and the collector received since `--from`, in the order of receipt. Errors: `lcu-unknown`,
 * `time-invalid`.
 */
export async function printEvents({ config, lcuId, from = '-7d', json, out }: EventsOptions): Promise<void> {
  await withState(config, ({ fleet, derived }) => {
    const lcu = lcuId === undefined ? undefined : fleet.find(lcuId);
    if (lcuId !== undefined && !lcu) throw new FarolaError('lcu-unknown', { lcu: lcuId });
    const names = new Map(fleet.list().map((one) => [one.lcuNo, one.lcuId]));
    const { fromMs } = parseSpan(from, undefined, systemClock().now().wallMs);
    const events = derived.events(fromMs, lcu?.lcuNo).map((event) => {
      return { lcuId: names.get(event.lcuNo) ?? '?', ...describeEvent(event) };
    });
    if (json) return events.forEach((event) => out(JSON.stringify(event)));
    const columns = [{ title: 'LCU' }, { title: 'happened' }, { title: 'event' }, { title: 'told' }, { title: 'facts' }];
    const rows = events.map((event) => [event.lcuId, isoTime(event.atMs), event.code, told(event), event.facts.join(', ')]);
    textTable(
      columns,
      rows.map((row) => row.map(printable)),
    ).forEach(out);
    if (rows.length === 0) out('no events');
  });
}

function told({ late, ageMs }: DescribedEvent): string {
  return late ? `late, ${Math.round(ageMs / 60_000)} min after` : 'at once';
}
