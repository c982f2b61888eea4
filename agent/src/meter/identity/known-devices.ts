/** A setting that was noticed not to be what it was. */
export interface KeptChange {
  readonly setting: string;
  readonly before: string;
  readonly now: string;
  /** When it was noticed, ms since 1970 UTC. */
  readonly atMs: number;
}

/** What was last known of the device at the place of an analyser. */
export interface KnownDevice {
  readonly profileId: string;
  /** As the profile names what its register says; null while it has not told. */
  readonly model: string | null;
  readonly productName: string | null;
  readonly serialNumber: string | null;
  readonly firmware: string | null;
  /** What its registers of settings said, by the name of the setting. */
  readonly settings: Readonly<Record<string, string>>;
  /** The newest change of each setting; left out by agents of before there was a field for it. */
  readonly changes?: readonly KeptChange[];
}

/** Port: remembers devices, also across restarts. Several callers at once. */
export interface KnownDevices {
  /** undefined when nothing was known of one there. @param analyser id */
  of(analyser: string): KnownDevice | undefined;
  /** Takes in what is known now. A failing disk is told in the log, and tried again with the next one. */
  keep(analyser: string, device: KnownDevice): void;
}

/** Remembers devices for as long as the process lasts. */
export function devicesInMemory(): KnownDevices {
  const known = new Map<string, KnownDevice>();
  return { of: (analyser) => known.get(analyser), keep: (analyser, device) => void known.set(analyser, device) };
}
