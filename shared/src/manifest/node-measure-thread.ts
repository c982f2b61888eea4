import { parentPort, workerData } from 'node:worker_threads';
import { FarolaError } from '../errors.js';
import { linuxPlatformFiles } from '../platform/linux-platform-files.js';
import { diffManifests } from './diff-manifests.js';
import { measureFiles, measureTree, nativesOf } from './fs-measure.js';
import type { Manifest } from './manifest.js';
import { packMemory, unpackMemory } from './measure-memory.js';
import { MEASURE_END, type MeasureReply, type MeasureRequest } from './measure-request.js';
import type { Measured, PlatformRequest } from './measurer.js';

/** A thread that measures, see node-measurer.ts. It loads little, since it is started again and again. */
const memory = unpackMemory(workerData as Uint8Array | undefined);
const { trees, platforms, seen } = memory;

function measure(request: MeasureRequest): Measured {
  if (request.do === 'platform') return compared(platforms, request.of.tree, platformOf(request.of));
  return compared(trees, request.root, measureTree(request.root));
}

function platformOf({ tree, whole, ...sources }: PlatformRequest): Manifest {
  if (whole) seen.clear();
  const natives = nativesOf(tree, trees.get(tree) ?? measureTree(tree));
  return measureFiles(linuxPlatformFiles(sources, natives), seen);
}

/** Against what was known of the same, in whose place it comes. */
function compared(known: Map<string, Manifest>, name: string, manifest: Manifest): Measured {
  const changes = diffManifests(known.get(name) ?? manifest, manifest);
  known.set(name, manifest);
  return { hash: manifest.root, files: manifest.files.length, changes };
}

function reply(request: MeasureRequest): MeasureReply {
  try {
    return { ok: true, measured: measure(request) };
  } catch (error) {
    if (error instanceof FarolaError) return { ok: false, code: error.code, facts: error.facts };
    return { ok: false, code: 'internal', facts: { reason: String(error) } };
  }
}

parentPort?.on('message', (message: MeasureRequest | typeof MEASURE_END) => {
  if (message !== MEASURE_END) return parentPort?.postMessage(reply(message));
  const packed = packMemory(memory);
  parentPort?.postMessage(packed, [packed.buffer as ArrayBuffer]);
  parentPort?.close();
});
