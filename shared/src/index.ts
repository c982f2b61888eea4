export * from './cli/absolute-path.js';
export * from './cli/counted.js';
export * from './cli/explain-error.js';
export * from './cli/node-output.js';
export * from './cli/printable.js';
export { shellWord } from './cli/shell-word.js';
export { shownValue } from './cli/shown-value.js';
export * from './cli/text-table.js';
export * from './cli/wrap-words.js';
export { plainProblem } from './config/plain-problem.js';
export {
  type ExaminedYaml,
  examineYaml,
  problemText,
  readYaml,
  type YamlOutcome,
  type YamlPlace,
  type YamlProblem,
  yamlValue,
} from './config/yaml-document.js';
export * from './bytes.js';
export * from './clock.js';
export { editDistance } from './edit-distance.js';
export * from './errors.js';
export * from './iso-time.js';
export * from './config/config-invalid.js';
export * from './config/config-unread.js';
export { pathText } from './config/path-text.js';
export * from './link/back-off.js';
export * from './link/listen-failure.js';
export * from './link/ws-bounds.js';
export * from './names.js';
export * from './plain-facts.js';
export * from './quantities.js';
export { RefusalCounts } from './refusal-counts.js';
export * from './system-clock.js';
export { BatchDecoder } from './batch/decode-batch.js';
export { BatchEncoder } from './batch/encode-batch.js';
export * from './token-bucket.js';
export { unknownQuantity } from './unknown-quantity.js';
export { MalformedCbor } from './envelope/cbor-cursor.js';
export { type Cbor, decodeCbor, encodeCbor } from './envelope/cbor.js';
export { type CutOut, cutOut, cutOutOf } from './envelope/cut-out.js';
export {
  type AnswerEntries,
  type Attachment,
  cutFrame,
  cutItems,
  encodeCodedFrame,
  encodeFrame,
  encodeItems,
  ENCODINGS,
  type Frame,
} from './envelope/frame.js';
export { KID_BYTES, kidOf } from './envelope/kid.js';
export { LIMITS } from './envelope/limits.js';
export { kidInHeader, protectedHeader } from './envelope/protected-header.js';
export { seal, sealAsync } from './envelope/seal.js';
export type { AsyncSigner, Sign, Signer, Verify } from './envelope/signature.js';
export { toBeSigned } from './envelope/to-be-signed.js';
export * from './entry/chain.js';
export { decodeEntry } from './entry/decode-entry.js';
export { encodeEntry } from './entry/encode-entry.js';
export type * from './entry/entry.js';
export * from './entry/kinds.js';
export { EntryPeek, peekEntry } from './entry/peek-entry.js';
export { FLAG_LIMIT, MOST_FLAGS, MOST_RUNS } from './entry/sample-marks.js';
export * from './enrolment/token.js';
export * from './enrolment/words.js';
export * from './fs-failure.js';
export * from './fs-refuse-root.js';
export { makeFolderPath } from './fs-make-folder.js';
export { type FilePlace, placeOf, whyNotBack } from './fs-file-place.js';
export * from './fs-write-whole.js';
export { promisedFs } from './promised-fs.js';
export { type FileChange, diffManifests } from './manifest/diff-manifests.js';
export * from './manifest/fs-installed-tree.js';
export { measureFiles, measureTree, nativesOf } from './manifest/fs-measure.js';
export type * from './manifest/measurer.js';
export { nodeMeasurer } from './manifest/node-measurer.js';
export { type Manifest, type ManifestFile, type ManifestKind, makeManifest } from './manifest/manifest.js';
export { type ManifestJson, manifestFromJson, manifestToJson } from './manifest/manifest-json.js';
export * from './platform/linux-platform-files.js';
export * from './protocol/answer.js';
export * from './protocol/command.js';
export * from './protocol/enrolment.js';
export * from './protocol/hello.js';
export * from './protocol/hello-answer.js';
export * from './protocol/keys.js';
export * from './protocol/keys-taken.js';
export * from './protocol/kinds.js';
export * from './protocol/labels.js';
export * from './protocol/message.js';
export * from './protocol/open-signed.js';
export * from './protocol/poll.js';
export * from './protocol/proof.js';
export * from './protocol/release.js';
export * from './protocol/trial-detail.js';
export { type ArchivedFile, readTar, writeTar } from './archive/tar.js';
export * from './support/bundle.js';
export * from './support/fs-list-files.js';
export * from './support/known-reason.js';
export * from './support/log-lines.js';
export * from './support/node-ask-system.js';
export * from './support/pick-fields.js';
export * from './trust/certificate-pin.js';
export { journalStream, type LineSink } from './service/journal-stream.js';
export * from './service/fs-log-output.js';
export * from './service/keep-watch.js';
export * from './service/outlive-output.js';
export * from './service/service-manager.js';
export * from './service/systemd-journal.js';
export * from './service/systemd-notify.js';
export { vetPublicKey } from './trust/vet-public-key.js';
