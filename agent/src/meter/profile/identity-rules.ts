import { counted } from '@farola/shared';
import { cannotHold } from './fact-value.js';
import type { FactRegister, Profile } from './profile.js';
import type { Say } from './profile-rules.js';
import { lengthOf } from './register-type.js';
import { trimmed } from './decode-registers.js';

/** What is wrong with the registers by which a device is recognised and its settings are watched. */
export function identityFindings({ identity, setup, maxRegisters, models }: Profile, say: Say): void {
  const facts: [readonly PropertyKey[], FactRegister][] = setup.map((fact, index) => [['setup', index], fact]);
  for (const name of ['model', 'serialNumber', 'firmware', 'productName'] as const) {
    const fact = identity?.[name];
    if (fact) facts.push([['identity', name], fact]);
  }
  for (const [path, fact] of facts) factFindings(fact, path, maxRegisters, say);
  if (!identity) return say('warning', ['id'], `no \`identity\`: another device in place of ${models.join(', ')} is not noticed`);
  const { model } = identity;
  if (!model) return;
  const accepted = Object.keys(model.values);
  if (accepted.length === 0) say('error', ['identity', 'model', 'values'], 'names no value: no device can ever match');
  for (const list of ['values', 'refused'] as const) {
    for (const value of Object.keys(model[list])) {
      const why = cannotHold(model, value);
      if (why) say('error', ['identity', 'model', list, value], `\`${value}\` can never match: ${why}`);
      if (list === 'refused' && accepted.some((one) => trimmed(one) === trimmed(value))) {
        say('error', ['identity', 'model', list, value], `\`${value}\` is accepted by \`values\` as well`);
      }
    }
  }
}

function factFindings(fact: FactRegister, path: readonly PropertyKey[], maxRegisters: number, say: Say): void {
  const isCounted = fact.type === 'string' || fact.type === 'bcd';
  if (isCounted !== (fact.registers !== undefined)) {
    const message = isCounted
      ? `is missing: ${fact.type} does not say how many`
      : `is told for ${fact.type}, which has ${lengthOf(fact)}`;
    say('error', [...path, 'registers'], message);
  }
  if (fact.charsPerRegister !== undefined && fact.type !== 'string')
    say('error', [...path, 'charsPerRegister'], 'is told for what is no string');
  if (lengthOf(fact) > maxRegisters)
    say('error', path, `needs ${counted(lengthOf(fact), 'register')} in one request, maxRegisters is ${maxRegisters}`);
  if (fact.addr + lengthOf(fact) > 0x10000) say('error', path, 'reaches beyond register 0xFFFF');
}
