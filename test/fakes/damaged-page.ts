import { closeSync, openSync, readSync, writeSync } from 'node:fs';
import Database from 'better-sqlite3';

/** Pages of a table in the order of their content, its leaves alone; the file must be closed. */
export function leavesOf(path: string, table: string): { readonly page: number; readonly bytes: number }[] {
  const db = new Database(path, { readonly: true });
  try {
    const bytes = Number(db.pragma('page_size', { simple: true }));
    const root = db.prepare<[string], number>('SELECT rootpage FROM sqlite_schema WHERE name = ?').pluck().get(table);
    const page = (number: number): Buffer => readPage(db.name, number, bytes);
    return walk(root ?? 0, page).map((number) => ({ page: number, bytes }));
  } finally {
    db.close();
  }
}

/** Overwrites a page, as an SD card does that loses a block. */
export function overwritePage(path: string, { page, bytes }: { page: number; bytes: number }, fill = 0xa5): void {
  const file = openSync(path, 'r+');
  writeSync(file, Buffer.alloc(bytes, fill), 0, bytes, (page - 1) * bytes);
  closeSync(file);
}

function readPage(path: string, page: number, bytes: number): Buffer {
  const buffer = Buffer.alloc(bytes);
  const file = openSync(path, 'r');
  readSync(file, buffer, 0, bytes, (page - 1) * bytes);
  closeSync(file);
  return buffer;
}

const INTERIOR = new Set([2, 5]);

/** The leaves below a page (sqlite.org/fileformat2.html section 1.6). */
function walk(number: number, page: (number: number) => Buffer): number[] {
  const bytes = page(number);
  const header = number === 1 ? 100 : 0;
  if (!INTERIOR.has(bytes[header] ?? 0)) return [number];
  const cells = bytes.readUInt16BE(header + 3);
  const children = Array.from({ length: cells }, (_, i) => bytes.readUInt32BE(bytes.readUInt16BE(header + 12 + 2 * i)));
  return [...children, bytes.readUInt32BE(header + 8)].flatMap((child) => walk(child, page));
}
