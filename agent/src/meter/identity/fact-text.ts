/** Characters that a device should not say of itself: those that cannot be seen. A map that is wrong about a text gives such. */
const UNSEEN = /[^\x20-\x7E]/g;

/** What a register says as text that can be shown, kept and compared; null when it says nothing. */
export function factText(said: string | undefined): string | null {
  const text = (said ?? '').replaceAll(UNSEEN, '').trim();
  return text === '' ? null : text;
}

/** A serial number as it is compared: without blanks around it, and without zeros in front. Null when nothing is left. */
export function plainSerial(text: string | null): string | null {
  const plain = (text ?? '').trim().replace(/^0+/, '');
  return plain === '' ? null : plain;
}

/** A name of a model as it is looked for in other names: letters and digits alone, in lower case. */
export function plainName(text: string): string {
  return text.toLowerCase().replaceAll(/[^a-z0-9]/g, '');
}
