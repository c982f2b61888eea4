import { join } from 'node:path';

/** Where things lie under the state folder. */
export interface StatePaths {
  readonly keys: string;
  readonly state: string;
  readonly ledger: string;
  readonly uptime: string;
  readonly aggregates: string;
  /** What the nightly proof of the ledger keeps. */
  readonly proof: string;
}

/** The paths under a state folder. */
export function statePaths({ stateDir }: { readonly stateDir: string }): StatePaths {
  const within = (name: string): string => join(stateDir, name);
  return {
    keys: within('keys'),
    state: within('state.db'),
    ledger: within('ledger'),
    uptime: within('uptime.db'),
    aggregates: within('aggregates.db'),
    proof: within('proof.db'),
  };
}
