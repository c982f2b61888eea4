import * as z from 'zod';
import { profileSchema } from './profile-schema.js';

/** What is used of a JSON Schema, as zod writes it. */
interface JsonSchema {
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly additionalProperties?: JsonSchema | boolean;
  readonly items?: JsonSchema;
  readonly anyOf?: readonly JsonSchema[];
  readonly enum?: readonly unknown[];
}

/** The JSON Schema (2020-12) of a profile as its file has it, for editors: agent/profiles/profile.schema.json is its text. */
export function profileJsonSchema(): object {
  const schema = z.toJSONSchema(profileSchema, { io: 'input' });
  return { title: 'Register map of an analyser, for Farola', ...schema };
}

/** Names of the fields that a group of fields may have: a list for each form that it may take, such as the two of a row. */
export function formsAt(path: readonly PropertyKey[]): string[][] {
  return schemasAt(path).map(({ properties }) => Object.keys(properties ?? {}));
}

/** Values that a field may have, where they are a list of texts. */
export function valuesAt(path: readonly PropertyKey[]): string[] {
  return schemasAt(path).flatMap((schema) => (schema.enum ?? []).filter((value) => typeof value === 'string'));
}

/** All that may stand at a path: of alternatives each one. */
function schemasAt(path: readonly PropertyKey[]): JsonSchema[] {
  return path.reduce<JsonSchema[]>(
    (schemas, step) => schemas.flatMap((schema) => alternatives(inside(schema, step))),
    alternatives(profileJsonSchema()),
  );
}

function inside({ properties, additionalProperties, items }: JsonSchema, step: PropertyKey): JsonSchema | undefined {
  if (typeof step === 'number') return items;
  return properties?.[String(step)] ?? (typeof additionalProperties === 'object' ? additionalProperties : undefined);
}

function alternatives(schema: JsonSchema | undefined): JsonSchema[] {
  if (!schema) return [];
  return schema.anyOf ? schema.anyOf.flatMap(alternatives) : [schema];
}
