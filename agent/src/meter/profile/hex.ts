/** A register as maps print it. */
export function hex(register: number): string {
  return `0x${register.toString(16).toUpperCase().padStart(4, '0')}`;
}
