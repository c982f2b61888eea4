import { openSqliteState } from '@farola/collector/fleet/sqlite-state.js';

/** A program for tests: another process that invites one LCU into the fleet of its first argument. */
const [, , path = '', lcuId = ''] = process.argv;
const state = await openSqliteState({ path });
const tokenHash = new Uint8Array(32);
new TextEncoder().encodeInto(lcuId, tokenHash);
const { lcuNo } = state.fleet.invite(lcuId, 'mercado', { tokenHash, expiresAtMs: 1 }, 0);
state.close();
process.stdout.write(String(lcuNo));
