import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';

/** What an executable or a library asks the loader for. */
export interface ElfNeeds {
  /** Names of libraries, of DT_NEEDED. */
  readonly names: readonly string[];
  /** Folders to look for them first, of DT_RPATH and DT_RUNPATH; `$ORIGIN` stands for that of the file. */
  readonly folders: readonly string[];
}

/** Where fields of ELF-64 stand, and what they hold (System V ABI, gABI 4.1, chapters 4 and 5); x86-64 and arm64 are little-endian. */
const HEADER = { bytes: 64, magic: 0x464c457f, wide: 2, littleEndian: 1, programs: 32, programBytes: 54, programCount: 56 };
const PROGRAM = { bytes: 56, type: 0, offset: 8, address: 16, size: 32, load: 1, dynamic: 2 };
const DYNAMIC = { bytes: 16, needed: 1, strings: 5, rpath: 15, runpath: 29 };
/** Bounds: far beyond what linkers make. */
const MOST = { programs: 256, dynamicBytes: 64 * 1024, stringBytes: 4096 };

const NOTHING: ElfNeeds = { names: [], folders: [] };

/** Reads what a file asks the loader for: nothing when it is not there, cannot be read, or is no such file. */
export function readElfNeeds(path: string): ElfNeeds {
  let fd: number | undefined;
  try {
    fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    return fstatSync(fd).isFile() ? needsOf(fd) : NOTHING;
  } catch {
    // What cannot be read is told where it is hashed.
    return NOTHING;
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}

interface Segment {
  readonly type: number;
  readonly offset: number;
  readonly address: number;
  readonly size: number;
}

function needsOf(fd: number): ElfNeeds {
  const segments = segmentsOf(fd);
  const dynamic = segments.find(({ type }) => type === PROGRAM.dynamic);
  if (!dynamic) return NOTHING;
  const entries = entriesOf(read(fd, dynamic.offset, Math.min(dynamic.size, MOST.dynamicBytes)));
  const address = entries.find(({ tag }) => tag === DYNAMIC.strings)?.value ?? 0;
  const loaded = segments.find((one) => one.type === PROGRAM.load && address >= one.address && address < one.address + one.size);
  if (!loaded) return NOTHING;
  const strings = address - loaded.address + loaded.offset;
  const texts = (...tags: number[]): string[] =>
    entries.flatMap(({ tag, value }) => (tags.includes(tag) ? [textAt(fd, strings + value)] : []));
  return {
    names: texts(DYNAMIC.needed).filter(Boolean),
    folders: texts(DYNAMIC.rpath, DYNAMIC.runpath).flatMap((list) => list.split(':').filter(Boolean)),
  };
}

function segmentsOf(fd: number): Segment[] {
  const header = read(fd, 0, HEADER.bytes);
  const fits = header.length === HEADER.bytes && header.readUInt32LE(0) === HEADER.magic;
  if (!fits || header[4] !== HEADER.wide || header[5] !== HEADER.littleEndian) return [];
  const count = Math.min(header.readUInt16LE(HEADER.programCount), MOST.programs);
  if (header.readUInt16LE(HEADER.programBytes) !== PROGRAM.bytes) return [];
  const table = read(fd, numberAt(header, HEADER.programs), count * PROGRAM.bytes);
  return Array.from({ length: Math.floor(table.length / PROGRAM.bytes) }, (_, i) => {
    const program = table.subarray(i * PROGRAM.bytes);
    return {
      type: program.readUInt32LE(PROGRAM.type),
      offset: numberAt(program, PROGRAM.offset),
      address: numberAt(program, PROGRAM.address),
      size: numberAt(program, PROGRAM.size),
    };
  });
}

function entriesOf(section: Buffer): { readonly tag: number; readonly value: number }[] {
  return Array.from({ length: Math.floor(section.length / DYNAMIC.bytes) }, (_, i) => {
    return { tag: numberAt(section, i * DYNAMIC.bytes), value: numberAt(section, i * DYNAMIC.bytes + 8) };
  });
}

function textAt(fd: number, offset: number): string {
  const bytes = read(fd, offset, MOST.stringBytes);
  const end = bytes.indexOf(0);
  return end < 0 ? '' : bytes.toString('utf8', 0, end);
}

/** Less than was asked for where the file ends, and nothing where it cannot begin. */
function read(fd: number, offset: number, length: number): Buffer {
  if (!Number.isSafeInteger(offset)) return Buffer.alloc(0);
  const bytes = Buffer.alloc(length);
  return bytes.subarray(0, readSync(fd, bytes, 0, length, offset));
}

function numberAt(bytes: Buffer, offset: number): number {
  return Number(bytes.readBigUInt64LE(offset));
}
