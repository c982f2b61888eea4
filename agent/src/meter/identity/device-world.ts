import type { Cbor, EventCode } from '@farola/shared';
import type { Log } from '../../log/log.js';
import { devicesInMemory } from './known-devices.js';
import type { KnownDevices } from './known-devices.js';

/** Whom the identity of devices is told, and what is remembered of it. */
export interface DeviceWorld {
  readonly known: KnownDevices;
  /** Records an event. */
  readonly onEvent: (code: EventCode, facts: readonly Cbor[]) => void;
  readonly log: Pick<Log, 'info' | 'warn'>;
  /** Name of the epoch that events go into: what was told in another one is told again. */
  readonly epoch: () => string;
}

/** For whoever reads once: nothing is remembered, and nobody is told beside the reading. */
export function noDeviceWorld(): DeviceWorld {
  const log = { info: () => undefined, warn: () => undefined };
  return { known: devicesInMemory(), onEvent: () => undefined, log, epoch: () => '' };
}
