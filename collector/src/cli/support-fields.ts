/** Fields of the configuration that a support bundle holds, see `pickFields`: none of them is a secret. */
export const CONFIG_IN_BUNDLE: readonly string[] = [
  'collectorId',
  'publicAddress',
  'stateDir',
  'runDir',
  'listen.host',
  'listen.port',
  ...['most', 'mostPerAddress', 'perSecond', 'perSecondPerAddress'].map((field) => `listen.strangers.${field}`),
  'dial.lcu',
  'dial.host',
  'dial.port',
  'pollSeconds',
  'deadlineMs',
  'timeZone',
  'tokenHours',
  'releases.keys',
  'releases.threshold',
  'proof.at',
  'proof.awayBefore',
  'uptime.keepMonths',
  'metrics.host',
  'metrics.port',
  'log.level',
];

const ROW = [
  ...['lcuId', 'panel', 'state', 'assurance', 'level', 'late', 'agentVersion', 'backlog', 'journalBytes', 'agentUptimeSeconds'],
  ...['conditions.code', 'conditions.since', 'verdict.code', 'verdict.at', 'verdict.since'],
  ...['lastAnswer.at', 'lastAnswer.ageSeconds', 'clock.quality', 'clock.aheadSeconds'],
  ...['at', 'ageSeconds', 'stale', 'status'].map((field) => `newestSample.${field}`),
  ...['code.mark', 'code.name', 'code.codeHash', 'platform.mark', 'platform.platformHash'],
  ...['freeBytes', 'readOnly', 'lifePercent', 'fileSystemErrors'].map((field) => `storage.${field}`),
  ...['uptimePercent', 'coveragePercent', 'roundsUp', 'roundsDown', 'roundsUnknown'].map((field) => `uptime24h.${field}`),
];

/** Fields of `status --json` that it holds: not what people wrote as reasons. */
export const STATUS_IN_BUNDLE: readonly string[] = [
  'at',
  ...['collectorId', 'version', 'running', 'connectedCount', 'notStored', 'lastPollAt'].map((field) => `collector.${field}`),
  ...['lcuCount', 'active', 'quarantined', 'pending', 'invited', 'revoked', 'retired', 'down', 'late', 'attention', 'well'].map(
    (field) => `summary.${field}`,
  ),
  'troubles.code',
  ...ROW.map((field) => `lcus.${field}`),
];
