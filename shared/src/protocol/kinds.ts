/** Versions of the protocol that this code speaks, lowest first. */
export const PROTOCOL_VERSIONS: readonly number[] = [1];

/** Version of every hello, whatever else a side speaks: any two sides must be able to read each other's versions. */
export const HELLO_VERSION = 1;

/** Which key signs a message kind. */
export type KeyRole = 'lcu' | 'poll' | 'command' | 'root' | 'release';

/** One kind of message. */
export interface Kind {
  readonly number: number;
  /** COSE content type; none while a number is only reserved. */
  readonly contentType?: string;
  readonly signedBy?: KeyRole;
  readonly purpose: string;
}

/** Every message kind. A number stands for ever for its kind; those without a content type are reserved. */
export const KINDS = {
  hello: {
    number: 1,
    contentType: 'application/vnd.farola.hello+cbor',
    signedBy: 'poll',
    purpose: 'collector names itself and its versions on a new connection',
  },
  helloAnswer: {
    number: 2,
    contentType: 'application/vnd.farola.hello-answer+cbor',
    signedBy: 'lcu',
    purpose: 'LCU proves who it is on this connection',
  },
  poll: {
    number: 3,
    contentType: 'application/vnd.farola.poll+cbor',
    signedBy: 'poll',
    purpose: 'asks for entries and acknowledges what is stored',
  },
  answer: {
    number: 4,
    contentType: 'application/vnd.farola.answer+cbor',
    signedBy: 'lcu',
    purpose: 'one range of entries, proven',
  },
  command: {
    number: 5,
    contentType: 'application/vnd.farola.command+cbor',
    signedBy: 'command',
    purpose: 'an order to the LCU',
  },
  keys: {
    number: 6,
    contentType: 'application/vnd.farola.keys+cbor',
    signedBy: 'root',
    purpose: 'poll keys, command keys and pins of the collector',
  },
  enrolChallenge: {
    number: 7,
    contentType: 'application/vnd.farola.enrol-challenge+cbor',
    signedBy: 'poll',
    purpose: 'opens an enrolment',
  },
  enrolRequest: {
    number: 8,
    contentType: 'application/vnd.farola.enrol-request+cbor',
    signedBy: 'lcu',
    purpose: 'LCU presents its key, proves that it has it',
  },
  enrolAnswer: {
    number: 9,
    contentType: 'application/vnd.farola.enrol-answer+cbor',
    signedBy: 'poll',
    purpose: 'collector accepts or refuses the enrolment',
  },
  proof: {
    number: 10,
    contentType: 'application/vnd.farola.proof+cbor',
    signedBy: 'poll',
    purpose: 'exported part of the ledger, docs/evidence.md',
  },
  evidence: { number: 11, purpose: 'reserved: RATS evidence, a TPM quote' },
  policy: { number: 12, purpose: 'reserved: approved PCR states' },
  program: { number: 13, purpose: 'reserved: lighting program' },
  checkpoint: { number: 14, purpose: 'reserved: head of the audit log' },
  lockedHello: { number: 15, purpose: 'reserved: an LCU whose volume is locked' },
  release: {
    number: 16,
    contentType: 'application/vnd.farola.release+cbor',
    signedBy: 'release',
    purpose: 'approves or revokes a code hash; a file, never sent',
  },
  keysTaken: {
    number: 17,
    contentType: 'application/vnd.farola.keys-taken+cbor',
    signedBy: 'lcu',
    purpose: 'LCU says which keys statement it goes by',
  },
  commandAnswer: {
    number: 18,
    contentType: 'application/vnd.farola.command-answer+cbor',
    signedBy: 'lcu',
    purpose: 'what became of a command',
  },
} as const satisfies Record<string, Kind>;

/** Name of a message kind. */
export type KindName = keyof typeof KINDS;

/** Kinds that are in use. */
export type LiveKind = {
  [Name in KindName]: (typeof KINDS)[Name] extends { contentType: string } ? Name : never;
}[KindName];
