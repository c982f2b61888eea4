import type { PanelStay } from '../fleet/fleet.js';

/**
 * The panel that an LCU was in at a wall time; what it measured before it was added counts for its first panel.
 * @param stays of the LCU, oldest first
 */
export function panelAt(stays: readonly Pick<PanelStay, 'panel' | 'fromMs'>[], atMs: number): string | undefined {
  return (stays.findLast(({ fromMs }) => fromMs <= atMs) ?? stays[0])?.panel;
}
