import { join } from 'node:path';

/** Where things lie under the state folder. */
export interface StatePaths {
  readonly keys: string;
  readonly state: string;
  readonly ledger: string;
  /** What the nightly proof of the ledger keeps. */
  readonly proof: string;
}

/** The paths under a state folder. */
export function statePaths({ stateDir }: { readonly stateDir: string }): StatePaths {
  const at = (name: string): string => join(stateDir, name);
  return { keys: at('keys'), state: at('state.db'), ledger: at('ledger'), proof: at('proof.db') };
}
