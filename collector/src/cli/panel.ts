import { jsonTime, textTable } from '@farola/shared';
import { zoneName } from '../aggregate/zone-clock.js';
import { type CommandOptions, say } from './command-options.js';
import { withState } from './open-store.js';

/** What takes the time zone of a panel back. */
const DEFAULT = 'default';

/** Lists the panels with their time zones and LCUs. */
export async function listPanels(options: CommandOptions & { readonly json?: boolean }): Promise<void> {
  await withState(options.config, ({ panels }, config) => {
    const rows = panels.list().map(({ timeZone, ...panel }) => {
      return { ...panel, timeZone: timeZone ?? config.timeZone, ownTimeZone: timeZone !== null };
    });
    if (options.json) {
      for (const { addedAtMs, lcus: lcuIds, ...panel } of rows)
        options.out(JSON.stringify({ ...panel, addedAt: jsonTime(addedAtMs), lcuIds }));
      return;
    }
    const cells = rows.map(({ panel, timeZone, ownTimeZone, lcus }) => {
      return [panel, ownTimeZone ? timeZone : `${timeZone} (${DEFAULT})`, lcus.join(' ') || '-'];
    });
    textTable([{ title: 'panel' }, { title: 'time zone' }, { title: 'LCUs' }], cells).forEach(options.out);
  });
}

/** Says in which time zone a panel is. Errors: `panel-unknown`, `time-zone-unknown`. */
export async function setPanel(panel: string, options: CommandOptions & { readonly timeZone: string }): Promise<void> {
  const timeZone = options.timeZone === DEFAULT ? DEFAULT : zoneName(options.timeZone);
  await withState(options.config, ({ panels }, config) => {
    panels.setTimeZone(panel, timeZone === DEFAULT ? null : timeZone);
    const own = timeZone !== DEFAULT;
    const facts = { panel, timeZone: own ? timeZone : config.timeZone, ownTimeZone: own };
    say(options, facts, `${panel} is in ${own ? timeZone : `${config.timeZone}, as the configuration says`}.`);
  });
}
