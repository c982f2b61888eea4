/** What an ELF file of tests asks the loader for. */
export interface ElfParts {
  readonly names: readonly string[];
  readonly runpath?: string;
}

const [HEADER, PROGRAM, BASE] = [64, 56, 0x400000];
const [LOAD, DYNAMIC] = [1, 2];
const TAGS = { needed: 1, strings: 5, runpath: 29 } as const;

/** A little ELF-64 file: header, one loaded and one dynamic segment, and its strings (System V ABI, chapters 4 and 5). */
export function elfFile({ names, runpath }: ElfParts): Buffer {
  const texts = runpath === undefined ? names : [...names, runpath];
  const strings = Buffer.from(`\0${texts.map((text) => `${text}\0`).join('')}`);
  const at = (text: string): number => strings.indexOf(`\0${text}\0`) + 1;
  const entries: [number, number][] = names.map((name) => [TAGS.needed, at(name)]);
  if (runpath !== undefined) entries.push([TAGS.runpath, at(runpath)]);
  const dynamicAt = HEADER + 2 * PROGRAM;
  const stringsAt = dynamicAt + (entries.length + 2) * 16;
  const file = Buffer.alloc(stringsAt + strings.length);
  file.write('\x7fELF\x02\x01\x01', 'latin1');
  file.writeBigUInt64LE(BigInt(HEADER), 32);
  file.writeUInt16LE(PROGRAM, 54);
  file.writeUInt16LE(2, 56);
  const program = (index: number, type: number, offset: number, size: number): void => {
    const begin = HEADER + index * PROGRAM;
    file.writeUInt32LE(type, begin);
    for (const [field, value] of [
      [8, offset],
      [16, BASE + offset],
      [32, size],
    ] as const) {
      file.writeBigUInt64LE(BigInt(value), begin + field);
    }
  };
  program(0, LOAD, 0, file.length);
  program(1, DYNAMIC, dynamicAt, (entries.length + 2) * 16);
  [...entries, [TAGS.strings, BASE + stringsAt] as const].forEach(([tag, value], i) => {
    file.writeBigUInt64LE(BigInt(tag), dynamicAt + i * 16);
    file.writeBigUInt64LE(BigInt(value), dynamicAt + i * 16 + 8);
  });
  strings.copy(file, stringsAt);
  return file;
}
