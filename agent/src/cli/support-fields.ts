/** Fields of the configuration that a support bundle holds, see `pickFields`: none of them is a secret. */
export const CONFIG_IN_BUNDLE: readonly string[] = [
  ...['id', 'transport', 'path', 'baud', 'parity', 'dataBits', 'stopBits', 'timeoutMs', 'gapMs', 'host', 'port'].map(
    (field) => `lines.${field}`,
  ),
  'lines.zeroTransactions',
  ...['id', 'line', 'unit', 'profile', 'serialNumber'].map((field) => `analysers.${field}`),
  ...['ctRatio', 'vtRatio'].flatMap((ratio) => [`analysers.${ratio}.primary`, `analysers.${ratio}.secondary`]),
  'sampleSeconds',
  'stateDir',
  'runDir',
  'profilesDir',
  'journal.maxMb',
  'link.reconnectMinMs',
  'link.reconnectMaxMs',
  'link.idlePingSeconds',
  'link.listen.address',
  'link.listen.port',
  'link.listen.anyAddress',
  'code.checkSeconds',
  'remote.accept',
  'remote.trialSeconds',
  'log.level',
];

/** Fields of `status --json` that it holds: not the six words, by which people know each other. Reasons are cut to `knownReason`. */
export const STATUS_IN_BUNDLE: readonly string[] = [
  ...['lcuId', 'collectorId', 'address', 'publicKey'].map((field) => `enrolment.${field}`),
  ...['pid', 'startedMs', 'writtenMs', 'lcuId', 'epoch'].map((field) => `running.${field}`),
  ...['state', 'sinceMs', 'lastAnswerMs', 'reason'].map((field) => `running.link.${field}`),
  ...['taken', 'lost', 'waiting', 'lastMs'].map((field) => `running.samples.${field}`),
  'running.meter.rounds',
  'running.meter.skipped',
  ...['id', 'requests', 'ok', 'timeouts', 'malformed', 'crc', 'exceptions', 'strayBytes', 'lateAnswers', 'opened'].map(
    (field) => `running.meter.lines.${field}`,
  ),
  'running.journal.backlog',
  'running.journal.bytes',
  'running.code.tree',
  'running.code.hash',
  'running.code.reason',
  'running.platform.hash',
  'running.platform.files',
  'running.platform.reason',
  ...['entries', 'unacknowledged', 'epochs', 'oldestMs', 'newestMs'].map((field) => `journal.${field}`),
  ...['freeBytes', 'readOnly', 'lifePercent', 'fileSystemErrors'].map((field) => `storage.${field}`),
];
