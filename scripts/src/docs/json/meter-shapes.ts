import { z } from 'zod';
import { count, text, word } from './kinds.js';

/** `meter simulate`. */
export const simulated = z.strictObject({
  profileId: text.describe('register map that it has'),
  modbusUnit: count.describe('its address on the line'),
  transport: word('rtu', 'rtu-over-tcp', 'modbus-tcp').describe('how it is reached'),
  address: text.describe('where: path of the port, or `host:port`'),
});
