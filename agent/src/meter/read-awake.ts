import type { AnalyserReader, Reading } from './reading.js';

/**
 * Reads an analyser; one that does not answer and may have to be woken is woken, and read then. For whoever has its line to himself.
 * @throws the reason of the signal
 */
export async function readAwake(reader: AnalyserReader, signal?: AbortSignal): Promise<Reading> {
  const reading = await reader.read(signal);
  while (reader.sleeper?.isWanted) if (await reader.sleeper.ask(signal)) return reader.read(signal);
  return reading;
}
