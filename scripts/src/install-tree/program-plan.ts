/** The programs that trees are made of. */
export type ProgramName = 'agent' | 'collector';

/** A bundle: the compiled module that it begins with, from the root of the repository, and its path from that of the tree. */
export interface PlannedBundle {
  readonly from: string;
  readonly to: string;
}

/** How a program is bundled. */
export interface BundlePlan {
  /** What the launcher starts. */
  readonly program: PlannedBundle;
  /** What the program loads as it is needed, each beside it by the name that it imports. */
  readonly parts: readonly PlannedBundle[];
  /** Threads, where the program looks for them. */
  readonly threads: readonly PlannedBundle[];
  /** Packages with a native module, copied with all that they need. */
  readonly natives: readonly string[];
  /** Such packages whose code finds that module from its own place, and needs no other file: bundled there. */
  readonly nativesInPlace: readonly string[];
  /** Packages that others try to load and this program does without, beside ABSENT_PACKAGES. */
  readonly absent: readonly string[];
}

/** Packages that others try to load, and do without: what lies above a tree must not be looked at. */
export const ABSENT_PACKAGES = ['bufferutil', 'utf-8-validate', 'supports-color'] as const;

/** Of the programs that are bundled. The collector's code is copied: a server has memory, and commands are seldom (037). */
export const BUNDLE_PLANS: Readonly<Partial<Record<ProgramName, BundlePlan>>> = {
  agent: {
    program: { from: 'agent/dist/cli/main-cli.js', to: 'dist/cli/main-cli.js' },
    parts: [
      { from: 'agent/dist/cli/run-part.js', to: 'dist/cli/run-part.js' },
      { from: 'agent/dist/cli/commands-part.js', to: 'dist/cli/commands-part.js' },
    ],
    threads: [
      { from: 'agent/dist/config/node-config-thread.js', to: 'dist/cli/node-config-thread.js' },
      { from: 'shared/dist/manifest/node-measure-thread.js', to: 'dist/cli/node-measure-thread.js' },
      { from: 'agent/dist/trust/node-sign-thread.js', to: 'dist/cli/node-sign-thread.js' },
    ],
    natives: ['better-sqlite3'],
    nativesInPlace: ['@serialport/bindings-cpp'],
    // Of modbus-serial: the agent opens serial ports itself.
    absent: ['serialport'],
  },
};
