import type { FactRegister, Profile } from '../profile/profile.js';

/**
 * Whether a fact is sure enough to stop the metering of a device that says otherwise. One that was `inferred` from a sibling, or
 * is to be verified on a device (`verify`), is our guess: what it says is told, and nothing is refused for it.
 */
export function isTrusted({ trust }: Pick<FactRegister, 'trust'>, profile: Pick<Profile, 'trust'>): boolean {
  const of = trust ?? profile.trust;
  return of !== 'verify' && of !== 'inferred';
}
