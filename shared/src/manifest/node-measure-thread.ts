import { parentPort } from 'node:worker_threads';
import { FarolaError } from '../errors.js';
import { linuxPlatformFiles } from '../platform/linux-platform-files.js';
import { diffManifests } from './diff-manifests.js';
import { measureFiles, measureTree, nativesOf, type SeenFiles } from './fs-measure.js';
import type { Manifest } from './manifest.js';
import type { MeasureReply, MeasureRequest } from './measure-request.js';
import type { Measured, PlatformRequest } from './measurer.js';

/** A thread that measures, see node-measurer.ts. It loads little, since it lives as long as its program. */
const trees = new Map<string, Manifest>();
/** Platforms by the tree that runs on them, and what is remembered of their files. */
const platforms = new Map<string, Manifest>();
const seen: SeenFiles = new Map();

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
  const { id } = request;
  try {
    return { id, ok: true, measured: measure(request) };
  } catch (error) {
    if (error instanceof FarolaError) return { id, ok: false, code: error.code, facts: error.facts };
    return { id, ok: false, code: 'internal', facts: { reason: String(error) } };
  }
}

parentPort?.on('message', (request: MeasureRequest) => parentPort?.postMessage(reply(request)));
