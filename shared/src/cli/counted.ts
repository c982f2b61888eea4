/** A count with its noun: `1 file`, `2 files`; `many` where the plural is another than with an s. */
export function counted(count: number | bigint, one: string, many = `${one}s`): string {
  return `${count} ${Number(count) === 1 ? one : many}`;
}
