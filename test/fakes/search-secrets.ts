import { readTar } from '@farola/shared';

/** A secret as a bundle could carry it: as it is, hexadecimal, or base64 at any of the three offsets. */
function formsOf(secret: Uint8Array): Buffer[] {
  const raw = Buffer.from(secret);
  const hex = raw.toString('hex');
  const shifted = [0, 1, 2].map((skip) => Buffer.concat([Buffer.alloc(skip), raw]).toString('base64'));
  // What the neighbours of the secret change of base64 stands at its ends.
  const inner = shifted.map((text) => text.replace(/=+$/, '').slice(4, -2));
  const url = inner.map((text) => text.replaceAll('+', '-').replaceAll('/', '_'));
  return [raw, ...[hex, hex.toUpperCase(), ...inner, ...url].map((text) => Buffer.from(text))];
}

/** Names of the secrets that an archive holds, in whatever form, in its files or around them. */
export function secretsIn(tar: Uint8Array, secrets: Readonly<Record<string, Uint8Array>>): string[] {
  const bytes = Buffer.from(tar);
  return Object.entries(secrets).flatMap(([name, secret]) =>
    formsOf(secret).some((form) => bytes.includes(form)) ? [name] : [],
  );
}

/** The files of a bundle by their names, JSON where it is JSON. */
export function filesIn(tar: Uint8Array): Readonly<Record<string, unknown>> {
  const read = readTar(tar, 'bundle');
  if (!read.ok) throw new Error(read.code);
  return Object.fromEntries(
    read.value.map(({ name, content }) => [
      name.replace('farola-support/', ''),
      JSON.parse(Buffer.from(content).toString()) as unknown,
    ]),
  );
}
