import { FarolaError, isName, systemClock } from '@farola/shared';
import type { AskedDecision } from '../api/control.js';
import { askControl } from '../api/node-control-client.js';
import type { CollectorConfig } from '../config.js';
import { decideStanding } from '../fleet/decide.js';
import type { Decision } from '../fleet/fleet.js';
import { openSqliteState } from '../fleet/sqlite-state.js';
import { openSqliteLedger } from '../ledger/sqlite-ledger.js';
import { statePaths } from '../config/state-paths.js';
import { checkInitialised } from './check-initialised.js';
import { type CommandOptions, say } from './command-options.js';
import { decisionText, whoIsThere } from './who-decides.js';
import { withConfig } from './with-config.js';

/**
 * Decides about an LCU: through the running collector, at once, or where none runs in its stores. Errors: `lcu-unknown`,
 * `decision-unfit`, `name-invalid`, `usage`, those of the configuration and the stores.
 */
export async function decideCommand(
  lcuId: string,
  decision: Decision,
  options: CommandOptions & { readonly reason: string; readonly by?: string },
): Promise<void> {
  if (!isName(lcuId)) throw new FarolaError('name-invalid', { what: 'LCU', name: lcuId });
  const reason = decisionText('--reason', options.reason);
  const asked = { decision, reason, by: decisionText('--by', options.by ?? whoIsThere()) };
  const state = await withConfig(options.config, (config) =>
    decideRunning(config, lcuId, asked).catch((error: unknown) => {
      if (error instanceof FarolaError && error.code === 'collector-not-running') return decideStopped(config, lcuId, asked);
      throw error;
    }),
  );
  const facts = { lcuId, state };
  const line = `${lcuId} is ${state}.`;
  if (decision === 'released') say(options, { ...facts, countsAfterRestart: true }, line, AFTER_RELEASE);
  else say(options, facts, line);
}

/** What runs since before the release counts no more than what was delivered in quarantine (standingNow in counting.ts). */
const AFTER_RELEASE =
  'Restart its agent, by `systemctl restart farola-agent` on the LCU: until then nothing that it measures counts.';

async function decideRunning({ runDir }: CollectorConfig, lcuId: string, asked: AskedDecision): Promise<string> {
  const { state } = await askControl(runDir, 'POST', `/decide/${lcuId}`, { body: asked });
  return String(state);
}

async function decideStopped(config: CollectorConfig, lcuId: string, asked: AskedDecision): Promise<string> {
  const paths = statePaths(config);
  checkInitialised(paths);
  const ledger = await openSqliteLedger({ folder: paths.ledger });
  try {
    const state = await openSqliteState({ path: paths.state });
    try {
      return decideStanding({ ledger, fleet: state.fleet }, lcuId, { ...asked, atMs: systemClock().now().wallMs }).state;
    } finally {
      state.close();
    }
  } finally {
    ledger.close();
  }
}
