/** Room on a disk, bytes. */
export interface DiskRoom {
  /** Left for us. */
  readonly free: number;
  readonly total: number;
}

/** Port: looks at the disk of the journal; undefined where that cannot be told. */
export type LookAtDisk = () => DiskRoom | undefined;

/** Below this the journal gives up what was acknowledged rather than to grow, bytes; a quarter of a small disk. */
const SHORT_BYTES = 16_000_000;
/**
 * Below this it gives up what was not acknowledged as well, bytes; an eighth of a small disk. SQLite needs room to write
 * that anything is given up: that of its log and of a checkpoint.
 */
const SCARCE_BYTES = 4_000_000;
/** Room in the file that is kept free on a full disk, bytes: that of a batch of entries and of the pages above them. */
const SLACK_BYTES = 262_144;

/** The room that a journal may take, bytes. */
export interface JournalBounds {
  /** Above it acknowledged entries go. */
  readonly acknowledged: number;
  /** Above it entries go that nobody acknowledged. */
  readonly any: number;
  /** Whether the disk is running full: what was written is then brought into its place while there is room for it. */
  readonly isShort: boolean;
}

/**
 * The bounds of a journal that may take `maxBytes` and whose file has `fileBytes`: on a disk that runs full it takes no
 * more room than its file has, less a slack that is written into.
 */
export function boundsOf(maxBytes: number, fileBytes: number, room: DiskRoom | undefined): JournalBounds {
  const frozen = Math.min(maxBytes, fileBytes - Math.min(SLACK_BYTES, fileBytes / 8));
  const isBelow = (bytes: number, part: number): boolean => room !== undefined && room.free < Math.min(bytes, room.total / part);
  const isShort = isBelow(SHORT_BYTES, 4);
  return {
    isShort,
    acknowledged: isShort ? frozen : maxBytes,
    any: isBelow(SCARCE_BYTES, 8) ? frozen : maxBytes,
  };
}
