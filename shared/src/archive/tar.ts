import { refuse, type Result } from '../protocol/message.js';

/** One regular file of an archive. */
export interface ArchivedFile {
  /** Path in the archive, with `/` between folders, ASCII, at most 100 characters. */
  readonly name: string;
  readonly mode: number;
  readonly content: Uint8Array;
}

const BLOCK = 512;
/** Name, mode, uid, gid, size, time, checksum, type, link, magic, version (POSIX.1-1988, pax(1) "ustar Interchange Format"). */
const FIELDS = { name: [0, 100], mode: [100, 8], uid: [108, 8], gid: [116, 8], size: [124, 12], time: [136, 12] } as const;
const CHECKSUM = 148;
const TYPE = 156;
const MAGIC = 257;
const REGULAR = 0x30;

/** Writes regular files as a ustar archive. @param atMs time of all files, ms. RangeError for a name that does not fit */
export function writeTar(files: readonly ArchivedFile[], atMs: number): Uint8Array {
  const parts = files.flatMap((file) => [headerOf(file, atMs), file.content, padding(file.content.length)]);
  return Buffer.concat([...parts, Buffer.alloc(2 * BLOCK)]);
}

/** Reads an archive of regular files and nothing else, each header by its checksum. Refuses with `backup-malformed`. */
export function readTar(archive: Uint8Array, path: string): Result<readonly ArchivedFile[]> {
  const bytes = Buffer.from(archive.buffer, archive.byteOffset, archive.byteLength);
  const files: ArchivedFile[] = [];
  const malformed = (reason: string): ReturnType<typeof refuse> => refuse('backup-malformed', { path, reason });
  for (let at = 0; at + BLOCK <= bytes.length;) {
    const header = bytes.subarray(at, at + BLOCK);
    if (header.every((byte) => byte === 0)) return { ok: true, value: files };
    if (checksumOf(header) !== octal(header, CHECKSUM, 8)) return malformed('a header does not agree with its checksum');
    if (header[TYPE] !== REGULAR) return malformed('it holds something that is no regular file');
    const size = octal(header, ...FIELDS.size);
    at += BLOCK;
    if (!(size <= bytes.length - at)) return malformed('it ends in the middle of a file');
    const name = header.toString('latin1', 0, FIELDS.name[1]).replace(/\0.*$/s, '');
    files.push({ name, mode: octal(header, ...FIELDS.mode), content: bytes.subarray(at, at + size) });
    at += size + padding(size).length;
  }
  return malformed('its end is missing');
}

function headerOf({ name, mode, content }: ArchivedFile, atMs: number): Buffer {
  if (name.length > FIELDS.name[1] || !/^[\x21-\x7e]+$/.test(name)) throw new RangeError(`name ${name}`);
  const header = Buffer.alloc(BLOCK);
  const put = (value: number, [at, length]: readonly [number, number]): void =>
    void header.write(value.toString(8).padStart(length - 1, '0'), at, 'latin1');
  header.write(name, 0, 'latin1');
  put(mode, FIELDS.mode);
  put(0, FIELDS.uid);
  put(0, FIELDS.gid);
  put(content.length, FIELDS.size);
  put(Math.floor(atMs / 1000), FIELDS.time);
  header[TYPE] = REGULAR;
  header.write('ustar\x0000', MAGIC, 'latin1');
  header.write(`${checksumOf(header).toString(8).padStart(6, '0')}\0 `, CHECKSUM, 'latin1');
  return header;
}

/** Sum of all bytes, those of the checksum itself taken as spaces. */
function checksumOf(header: Buffer): number {
  return header.reduce((sum, byte, at) => sum + (at >= CHECKSUM && at < CHECKSUM + 8 ? 0x20 : byte), 0);
}

function octal(header: Buffer, at: number, length: number): number {
  return Number.parseInt(header.toString('latin1', at, at + length), 8);
}

function padding(size: number): Buffer {
  return Buffer.alloc((BLOCK - (size % BLOCK)) % BLOCK);
}
