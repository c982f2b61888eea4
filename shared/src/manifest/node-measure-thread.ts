import { parentPort } from 'node:worker_threads';
import { FarolaError } from '../errors.js';
import { diffManifests } from './diff-manifests.js';
import { measureFiles, measureTree } from './fs-measure.js';
import type { Manifest } from './manifest.js';
import type { MeasureReply, MeasureRequest } from './measure-request.js';
import type { Measured, MeasuredTree } from './measurer.js';

/** A thread that measures, see node-measurer.ts. It loads little, since it lives as long as its program. */
const seen = new Map<string, Manifest>();

function measure(request: MeasureRequest): Measured | MeasuredTree {
  if (request.do === 'platform') {
    const { root, files } = measureFiles(request.paths);
    return { hash: root, files: files.length };
  }
  const manifest = measureTree(request.root);
  const before = seen.get(request.root) ?? manifest;
  seen.set(request.root, manifest);
  return { hash: manifest.root, files: manifest.files.length, changes: diffManifests(before, manifest) };
}

function reply(request: MeasureRequest): MeasureReply {
  const { id } = request;
  try {
    return { id, ok: true, measured: measure(request) };
  } catch (error) {
    if (error instanceof FarolaError) return { id, ok: false, code: error.code, facts: error.facts };
    return { id, ok: false, code: 'internal', facts: { reason: String(error) } };
  }
}

parentPort?.on('message', (request: MeasureRequest) => parentPort?.postMessage(reply(request)));
