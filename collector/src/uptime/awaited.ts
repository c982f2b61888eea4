/**
 * How long an LCU may take to come when it can: the longest wait between two dials of an agent that is not configured otherwise
 * (`link.reconnectMaxMs`, 60 s) and of a collector that dials, and a slow handshake, ms. Who is not connected so soon after the collector
 * began, or after its approval, was not missed by anybody.
 */
export const COMES_WITHIN_MS = 75_000;
