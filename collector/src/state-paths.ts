import { join } from 'node:path';

/** Where things lie under the state folder. */
export interface StatePaths {
  readonly keys: string;
  readonly state: string;
  readonly ledger: string;
  readonly aggregates: string;
}

/** The paths under a state folder. */
export function statePaths({ stateDir }: { readonly stateDir: string }): StatePaths {
  return {
    keys: join(stateDir, 'keys'),
    state: join(stateDir, 'state.db'),
    ledger: join(stateDir, 'ledger'),
    aggregates: join(stateDir, 'aggregates.db'),
  };
}
