/** Whether trying the same again can help: `never`; `later`, after a wait; `now`, at once with a fresh question. */
export type RetryClass = 'never' | 'later' | 'now';

/** One row of the error table. `{fact}` in message and hint is filled from the facts of the error. */
export interface ErrorRow {
  readonly message: string;
  readonly hint?: string;
  /** HTTP status that an API answers with. */
  readonly http: number;
  /** Exit code of a command, in the manner of sysexits(3). */
  readonly exit: number;
  readonly retry: RetryClass;
}

const EXIT = {
  failure: 1,
  usage: 64,
  data: 65,
  noInput: 66,
  unavailable: 69,
  software: 70,
  cannotCreate: 73,
  io: 74,
  temporary: 75,
  permission: 77,
  config: 78,
};

/** Of an analyser that says nothing. */
const SILENT =
  'check power, wiring, unit number and baud rate; over a network also the transport: who speaks `modbus-tcp` does not answer `rtu-over-tcp`, nor the other way round';

function row(message: string, http: number, exit: number, retry: RetryClass, hint?: string): ErrorRow {
  return hint === undefined ? { message, http, exit, retry } : { message, hint, http, exit, retry };
}

const REINSTALL = 'an installed tree holds regular files that nobody but their owner may write: install it anew';

// prettier-ignore
/** The one error table: every code that a verdict, a message or a command can carry. docs/errors.md is made from it. */
export const ERRORS = {
  // envelope
  'frame-too-large': row('frame of {bytes} bytes is larger than {limit}', 413, EXIT.data, 'never'),
  'frame-malformed': row('frame is not what docs/protocol.md says: {reason}', 400, EXIT.data, 'never'),
  'frame-kind-unexpected': row('frame of kind {kind} is not expected here', 400, EXIT.data, 'never'),
  'cose-malformed': row('not a COSE_Sign1 of four items: {reason}', 400, EXIT.data, 'never'),
  'header-unexpected': row('protected header is not that of a {kind} under this key', 400, EXIT.data, 'never'),
  'signature-invalid': row('signature of the {kind} does not verify', 401, EXIT.data, 'never'),
  'payload-malformed': row('payload is not strict CBOR: {reason}', 400, EXIT.data, 'never'),
  'message-invalid': row('{kind} is not valid: {reason}', 400, EXIT.data, 'never'),
  'version-unknown': row('protocol version {version} is not known; this side speaks {known}', 400, EXIT.data, 'never', 'update the older side'),
  'attachment-malformed': row('coded entries are not what docs/protocol.md says: {reason}', 400, EXIT.data, 'now'),
  'entry-too-large': row('entry of {bytes} bytes is larger than {limit}', 413, EXIT.data, 'never'),
  // verdicts on an answer, in the order of the checks
  'answer-missing': row('no answer within {deadlineMs} ms', 504, EXIT.unavailable, 'later', 'the LCU is connected and slow or hung: look at its network, and at `farola-agent status` on it'),
  'nonce-unknown': row('no poll is waiting for this answer', 409, EXIT.data, 'now'),
  'answer-late': row('answer came {lateMs} ms after the deadline', 408, EXIT.unavailable, 'now'),
  'lcu-mismatch': row('answer names {named} on the connection of {lcu}', 403, EXIT.data, 'never'),
  'nonce-mismatch': row('answer carries another nonce than its poll', 409, EXIT.data, 'never'),
  'poll-mismatch': row('answer belongs to another poll', 409, EXIT.data, 'never'),
  'boot-mismatch': row('answer comes from another boot than its connection', 409, EXIT.data, 'now'),
  'clock-backwards': row('monotonic clock went back within boot {boot}', 409, EXIT.data, 'never'),
  'entries-count': row('answer signs {from}..{to} and carries {count} entries', 400, EXIT.data, 'never'),
  'range-unasked': row('answer carries {from}..{to}, which was not asked', 409, EXIT.data, 'never'),
  'gap-beyond-end': row('answer tells that {from}..{to} of epoch {epoch} are gone, and lists that epoch up to {last}', 409, EXIT.data, 'never', 'whoever has the key of the LCU makes up entries: look for a clone'),
  'chain-broken': row('entries {from}..{to} do not hash to the signed head', 409, EXIT.data, 'never'),
  'code-revoked': row('LCU {lcu} runs code {codeHash} ({name}), which is revoked: {reason}', 403, EXIT.permission, 'never', 'install another release on it'),
  'chain-fork': row('{from}..{to} contradicts what is stored of epoch {epoch}', 409, EXIT.data, 'never', 'the LCU was cloned, or its journal was altered'),
  'entries-withheld': row('entries {from}..{to} of epoch {epoch}, which the LCU lists, were asked in {rounds} rounds and did not come', 409, EXIT.data, 'never', 'look at the LCU: its journal may be harmed, or somebody holds back what it measured'),
  'state-went-back': row('epoch {epoch} goes on after entry {n} of epoch {previous}, but {lost} of what is stored lies beyond', 409, EXIT.data, 'never', 'its SD card lost what it had written, or an older image was restored'),
  'branch-delivers': row('epoch {epoch} delivers up to {to} although a later one ended it at {n}', 409, EXIT.data, 'never', 'two units hold the same key: one is a clone, or an older image runs'),
  'lcu-retired': row('LCU {lcu} is retired', 403, EXIT.permission, 'never', 'enrol a new identity if the LCU shall come back'),
  'lcu-revoked': row('LCU {lcu} is revoked', 403, EXIT.permission, 'never', 'enrol a new identity if the LCU shall come back'),
  'ledger-slot-full': row('{lcu} has used its {limit} answers of this five minutes', 429, EXIT.unavailable, 'later'),
  // connection
  'lcu-not-connected': row('LCU {lcu} is not connected', 503, EXIT.unavailable, 'later', 'one that was just approved or started comes within a minute; else look at `farola-agent status` on the LCU'),
  'lcu-unreachable': row('LCU {lcu} at {address} cannot be reached: {reason}', 503, EXIT.unavailable, 'later', 'look at the VPN, and at `link.listen` in the configuration of the LCU'),
  'lcu-dialled': row('LCU {lcu} is dialled by this collector, and is not taken where it dials', 403, EXIT.config, 'later', 'take it out of `dial` in the configuration of the collector, or let the LCU wait for it by `link.listen`; if it does wait, someone relays it'),
  'lcu-pending': row('LCU {lcu} is not approved yet', 403, EXIT.unavailable, 'later', 'compare the six words, then run `farola-collector lcu approve {lcu} --words "SIX WORDS"` on the server'),
  'key-unknown': row('no LCU has the key {kid}', 403, EXIT.data, 'never'),
  'strangers-full': row('{limit} connections of {address} have not proven who they are; no more are taken', 503, EXIT.unavailable, 'later'),
  'strangers-too-fast': row('new connections of {address} come faster than {limit} a second', 429, EXIT.unavailable, 'later'),
  'stranger-late': row('nobody has proven who it is within {deadlineMs} ms', 408, EXIT.unavailable, 'later'),
  'frame-fragmented': row('message comes in more than {fragments} fragments or {chunks} pieces', 400, EXIT.data, 'never'),
  'hellos-too-fast': row('hellos of {address} come faster than {most} in {seconds} s', 429, EXIT.unavailable, 'later'),
  'control-flood': row('more than {limit} pings and pongs in a minute', 429, EXIT.data, 'later'),
  'reader-slow': row('the other side leaves more than {limit} bytes unread', 408, EXIT.unavailable, 'later'),
  'pin-mismatch': row('the server at {address} does not show the pinned certificate authority', 403, EXIT.data, 'later', 'someone may be in between, or the token belongs to another collector'),
  'certificate-invalid': row('the certificate of {address} is not valid: {reason}', 403, EXIT.data, 'later'),
  'collector-unreachable': row('{address} cannot be reached: {reason}', 503, EXIT.unavailable, 'later', 'check the address, the network and the firewall'),
  'collector-refused': row('the collector refused: {code}', 403, EXIT.data, 'never'),
  'hello-missing': row('the collector said no hello within {timeoutMs} ms', 504, EXIT.unavailable, 'later', 'something else may listen at this address'),
  'link-down': row('no connection to the collector: {reason}', 503, EXIT.unavailable, 'later', '`farola-agent status` on the LCU says since when, and what to do'),
  'connection-idle': row('the connection is silent since {silentMs} ms, not even a ping is answered', 504, EXIT.unavailable, 'later'),
  // polls, as the agent judges them
  'ack-disagrees': row('ack of entry {n} of epoch {epoch} carries another hash than ours; nothing is released', 409, EXIT.data, 'never'),
  'poll-nonce-foreign': row('poll belongs to another connection', 409, EXIT.data, 'never'),
  'poll-for-another': row('poll is for {named}, this is {lcu}', 403, EXIT.data, 'never'),
  'poll-too-soon': row('poll {pollId} came before poll {last} was answered', 409, EXIT.data, 'never'),
  'poll-repeated': row('poll {pollId} is not above the last one, {last}', 409, EXIT.data, 'never'),
  'collector-mismatch': row('message comes from collector {named}, expected {collector}', 403, EXIT.data, 'never'),
  // enrolment
  'token-malformed': row('this is not an enrolment token: {reason}', 400, EXIT.usage, 'never', 'copy the whole line that `farola-collector lcu add` printed'),
  'token-unknown': row('the collector does not know this token', 403, EXIT.data, 'never', 'ask the operator for a new one: `farola-collector lcu add {lcu} --panel PANEL`'),
  'token-used': row('this token was used', 403, EXIT.data, 'never', 'ask the operator for a new one'),
  'token-expired': row('this token expired on {expired}', 403, EXIT.data, 'never', 'ask the operator for a new one: `farola-collector lcu add {lcu} --panel PANEL`'),
  'token-replaced': row('a newer token took the place of this one', 403, EXIT.data, 'never', 'use the newest that the operator printed'),
  'token-foreign': row('this token is for {named}, not for {expected}', 403, EXIT.data, 'never'),
  'already-enrolled': row('this LCU is enrolled as {lcu}', 409, EXIT.config, 'never', 'an identity never changes by itself: keep it, or `farola-agent enroll --abort` gives this identity up'),
  'not-enrolled': row('this LCU is not enrolled', 409, EXIT.config, 'never', 'run `farola-agent enroll` with the token of the operator'),
  'key-not-canonical': row('public key is not a canonical Ed25519 point', 400, EXIT.data, 'never'),
  'key-small-order': row('public key is a point of small order', 400, EXIT.data, 'never'),
  'key-in-use': row('this public key was presented before', 409, EXIT.data, 'never', '`farola-agent enroll --abort` gives the old identity up; the next enrolment makes a new key'),
  'words-mistyped': row('the six words of {lcu} were not read: {reason}', 400, EXIT.usage, 'never', 'nothing was changed; {remedy}'),
  'words-differ': row('the six words are not those of {lcu}', 409, EXIT.data, 'never', 'do not approve: ask the technician to read them again; if they still differ, `farola-collector lcu add {lcu} --panel {panel}` drops this key and gives a new token'),
  'keys-untrusted': row('the keys of the collector are not signed by its root key', 403, EXIT.data, 'never', 'the token belongs to another collector, or someone is in between'),
  // keys
  'keys-older': row('keys statement {sequence} is not above the one in force, {known}', 409, EXIT.data, 'never'),
  'keys-behind': row('LCU {lcu} goes by keys statement {theirs}, of which this collector, at {ours}, knows nothing', 409, EXIT.config, 'never', 'it was restored from a backup older than the last rotation: restore a newer one, or `farola-collector keys rotate poll command tls --at-once --root FILE`'),
  'keys-not-taken': row('LCU {lcu} was handed keys statement {ours} and goes by {theirs}', 409, EXIT.data, 'later'),
  'keys-foreign': row('{path} holds the keys of collector {owner}, not of {collector}; nothing was changed', 409, EXIT.config, 'never', 'name another state folder for {collector}, or go on as {owner}'),
  'root-key-foreign': row('{path} is not the root key of this collector', 403, EXIT.config, 'never', 'its public part is `root.pub` in the keys folder'),
  'rotation-open': row('a rotation is open: {keys}', 409, EXIT.config, 'never', '`farola-collector keys list` shows who has not taken the new keys; `keys rotate --switch` ends it now'),
  'rotation-none': row('no rotation is open', 409, EXIT.usage, 'never', 'begin one: `farola-collector keys rotate poll --root FILE`'),
  'rotation-not-taken': row('LCUs that have not taken the new keys: {count}, {lcus}', 409, EXIT.unavailable, 'later', 'wait until they connect, or add --force: they then fetch the new keys when they come'),
  'backup-malformed': row('{path} is not a backup of a collector: {reason}', 400, EXIT.data, 'never', 'take another copy of it; `farola-collector keys backup FILE` writes one'),
  'backup-harmed': row('{path} cannot be restored: {file} was damaged already when it was made', 400, EXIT.data, 'never', 'restore the last one that was whole; the keys of this one are newer, `age -d FILE | tar x keys` takes them out'),
  'backup-incomplete': row('the last backup, of {at}, lacks what is damaged here: {files}', 500, EXIT.io, 'never', 'deal with the damaged file as docs/operations.md says, and make another backup; keep the last one that was whole'),
  'backup-locked': row('{path} does not open: {reason}', 403, EXIT.permission, 'never', 'give the passphrase, or the identity of a recipient, that it was written for'),
  'not-empty': row('{path} is there and not empty; nothing was changed', 409, EXIT.config, 'never', 'restore on a new machine, or move it away'),
  // commands
  'command-older': row('command {sequence} is not above the last one accepted, {accepted}', 409, EXIT.data, 'never'),
  'command-for-another': row('command is for {named}, this is {lcu}', 403, EXIT.data, 'never'),
  'command-nonce-foreign': row('command belongs to another connection', 409, EXIT.data, 'never'),
  'command-unknown': row('this LCU knows no command {command}', 400, EXIT.data, 'never', 'update the agent'),
  'command-expired': row('command {sequence} is valid no more', 410, EXIT.data, 'never'),
  'command-unfit': row('LCU {lcu} is {state}; only an active one takes a configuration', 409, EXIT.usage, 'never', '`farola-collector lcu show {lcu}` tells where it stands'),
  'command-none': row('no configuration was ever sent to {lcu}', 404, EXIT.noInput, 'never', '`farola-collector lcu config push {lcu} FILE --reason TEXT` sends one'),
  'command-refused': row('{lcu} refused configuration {sequence}: {reason}', 409, EXIT.data, 'never', '`farola-collector lcu config show {lcu}` shows what was sent'),
  'command-waits': row('{lcu} has said nothing of configuration {sequence} in {waitS} s; it waits until {until}', 503, EXIT.temporary, 'later', '`farola-collector lcu config show {lcu}` tells what becomes of it, `farola-collector status {lcu}` how the LCU is'),
  'config-on-trial': row('configuration {sequence} is on trial', 409, EXIT.temporary, 'later', 'nothing failed: it is kept or rolled back {when}, and another is taken then'),
  'config-local': row('there is no configuration of the collector here', 404, EXIT.usage, 'never', 'the file alone counts'),
  // fleet
  'lcu-unknown': row('there is no LCU {lcu}', 404, EXIT.noInput, 'never', '`farola-collector lcu list` shows all'),
  'fleet-down': row('LCUs that are down: {down} of {served} in service, the first: {first}', 503, EXIT.unavailable, 'later', '`farola-collector status` says why, since when and what to do'),
  'fleet-attention': row('LCUs that need a look: {count}, the first: {first}', 409, EXIT.failure, 'later', '`farola-collector status` says why, since when and what to do'),
  'collector-attention': row('the collector itself needs attention: {first}', 409, EXIT.failure, 'later', '`farola-collector status` shows each such thing above the LCUs, docs/operations.md what to do'),
  'lcu-exists': row('LCU {lcu} exists and is {state}', 409, EXIT.usage, 'never', 'a name is used once; choose another, or `farola-collector lcu revoke {lcu} --reason TEXT` first'),
  'decision-unfit': row('LCU {lcu} is {state}; only one that is {from} can be {decision}', 409, EXIT.usage, 'never', '`farola-collector lcu show {lcu}` tells where it stands'),
  'lcu-not-pending': row('LCU {lcu} is {state}, not pending', 409, EXIT.usage, 'never', '`farola-collector lcu show {lcu}` tells where it stands'),
  'name-invalid': row('{what} `{name}` is not a name: 1 to 63 of a-z, 0-9 and -, beginning and ending with a letter or digit', 400, EXIT.usage, 'never', 'write it like malaga-0042: small letters, no blanks, no accents'),
  'time-invalid': row('`{value}` is not a time', 400, EXIT.usage, 'never', 'write 2026-11-22, 2026-11-22T18:00Z, -6h for the past, or +7d for what is to come'),
  'time-without-zone': row('`{value}` does not say in which time zone', 400, EXIT.usage, 'never', 'write {value}Z for UTC, or the hours that the clock is ahead of it: {value}+01:00'),
  'time-to-come': row('{option} {value} is in the future; it is {now}', 400, EXIT.usage, 'never', 'name a time that is over, such as -6h'),
  'time-over': row('{option} {value} is over; it is {now}', 400, EXIT.usage, 'never', 'name a time to come, such as +7d'),
  'point-unknown': row('nothing was ever measured at `{point}`', 404, EXIT.noInput, 'never', '`farola-collector lcu show LCU` names the measuring points of an LCU'),
  'quantity-unknown': row('there is no quantity `{name}`', 400, EXIT.usage, 'never', 'docs/protocol.md lists all{near}'),
  'panel-unknown': row('there is no panel `{panel}`', 404, EXIT.noInput, 'never', '`farola-collector panel list` shows all'),
  'time-zone-unknown': row('there is no time zone `{zone}`', 400, EXIT.usage, 'never', 'write a name of the IANA database, such as Europe/Madrid or Atlantic/Canary'),
  'aggregates-missing': row('{path} is not made yet', 503, EXIT.unavailable, 'later', 'the running collector makes it from the ledger: `farola-collector run`'),
  'aggregates-corrupt': row('{path} does not agree with itself: {reason}', 500, EXIT.io, 'never', 'it is made from the ledger: stop the collector, delete it with its -wal and -shm, and start again'),
  'proof-empty': row('nothing of {lcu} was received between {from} and {to}', 404, EXIT.noInput, 'never', '{remedy}'),
  // configuration and machine
  'config-invalid': row('{path}: {count} problem(s)\n{problems}', 400, EXIT.config, 'never', 'docs/config.md lists every field'),
  'config-unreadable': row('{path} cannot be read: {reason}', 500, EXIT.noInput, 'never', '{remedy}'),
  'not-initialised': row('{path} is not there', 409, EXIT.config, 'never', 'run `{command}` first'),
  'already-initialised': row('{path} is there already; nothing was changed', 409, EXIT.config, 'never', 'remove it yourself if you want to begin anew'),
  'run-as-root': row('{path} belongs to the user {owner}; what root makes there that user could not use', 403, EXIT.permission, 'never', 'start the service: `systemctl start {program}`, or run it as that user, `sudo -u \'#{owner}\' ...`; with --allow-root it runs all the same'),
  'already-running': row('another {program} holds {path}', 409, EXIT.unavailable, 'later', 'stop the other one first'),
  'permission-denied': row('no permission for {path}', 403, EXIT.permission, 'never', '{remedy}'),
  'key-file-invalid': row('key file {path}: {reason}', 500, EXIT.config, 'never', 'put it back from its backup'),
  'state-file-invalid': row('{path}: {reason}', 500, EXIT.config, 'never', '{remedy}'),
  'key-file-open': row('key file {path} may be read by others than its owner (mode {mode})', 500, EXIT.config, 'never', '`chmod 600 {path}`; where that does nothing, as on a FAT stick, mount it with umask=077 or copy the file to /dev/shm: docs/keys.md'),
  'key-file-missing': row('key file {path}: there is no such file', 404, EXIT.noInput, 'never', '{remedy}'),
  'key-file-other': row('{path} does not hold the key that is needed: {reason}', 400, EXIT.data, 'never', '{remedy}'),
  'file-unreadable': row('{path} cannot be read: {reason}', 404, EXIT.noInput, 'never', 'check the path'),
  'path-unusable': row('{path} cannot be used: {reason}', 400, EXIT.usage, 'never', 'check the path, and what stands there'),
  'output-exists': row('{path} is there already; nothing was changed', 409, EXIT.cannotCreate, 'never', 'name another file, or remove it yourself'),
  'output-failed': row('standard output cannot be written: {reason}', 507, EXIT.io, 'later', 'see where the output goes, and whether there is room'),
  'log-lost': row('records of the log that could not be written: {count} ({reason})', 507, EXIT.io, 'later', 'see where the log goes, and whether there is room; the program went on all the while'),
  'program-ended': row('farola-{program} ended by itself: {last}', 500, EXIT.software, 'later'),
  'address-in-use': row('{address} is in use', 409, EXIT.unavailable, 'later', 'another process listens there: `ss -ltnp`'),
  'address-unavailable': row('cannot listen at {address}: {reason}', 503, EXIT.unavailable, 'later', 'name an address that this machine has, as `ip address` lists them; where it is that of a VPN, see that the VPN is up'),
  'collector-not-running': row('the collector is not running ({path})', 503, EXIT.unavailable, 'later', 'start it: `farola-collector run`'),
  'service-log-unread': row('the log of {unit} cannot be read: {reason}', 503, EXIT.unavailable, 'later', 'run it as root, or as a user in the group systemd-journal'),
  'service-manager-untold': row('systemd could not be told how this program is: {reason}', 500, EXIT.unavailable, 'later', 'see that /usr/bin/systemd-notify is there, and that the unit has NotifyAccess=all'),
  'loop-stuck': row('the {loop} has not got on for {stillS} s; systemd will start the program anew', 500, EXIT.software, 'later', 'please report this with the log'),
  'disk-failure': row('{path}: {reason}', 507, EXIT.io, 'later', 'see that there is room, and that it takes writes; else replace the disk'),
  'journal-corrupt': row('journal {path} does not agree with itself: {reason}', 500, EXIT.io, 'never', 'keep the file for inspection and move it away; a new one is begun'),
  'journal-foreign': row('journal {path} is that of {owner}, this LCU is {lcu}', 409, EXIT.config, 'never', 'nothing was changed: move the file away to begin a new one; {owner} may still owe what is in it'),
  'ledger-corrupt': row('{path} does not agree with itself: {reason}', 500, EXIT.io, 'never', 'restore the file from its backup'),
  'ledger-damaged': row('the ledger does not agree with what was signed in {count} place(s); the first: {first}', 500, EXIT.io, 'never', 'keep the files as they are, restore those named from their backup, and run `farola-collector ledger verify` again'),
  'ledger-incomplete': row('the ledger lacks {count} part(s) that it had; the first: {first}', 500, EXIT.io, 'never', 'bring them back from their backup; months that were moved away on purpose are named by `proof.awayBefore`'),
  'rebuild-incomplete': row('made anew without {count} place(s) of the ledger that do not agree with what was signed, or are gone; the first: {first}', 500, EXIT.io, 'never', 'keep the files as they are, restore those named from their backup, and run `farola-collector ledger rebuild` again: until then figures lack what is there'),
  'month-empty': row('the ledger has no file of {month}, and nothing says that it ever had one', 404, EXIT.noInput, 'never', 'without --month all of it is proven'),
  'fleet-lost': row('{path} does not know LCU {lcu}, number {number}, whose answers the ledger holds', 500, EXIT.config, 'never', 'it was lost or is older than the ledger: restore it from its backup'),
  'store-older': row('{path} is of an older version: its schema is {version}, this program needs {needed}', 409, EXIT.unavailable, 'later', 'restart the collector, which brings its files up: `systemctl restart farola-collector`'),
  'store-newer': row('{path} was written by a newer version: its schema is {version}, this one knows {known}', 500, EXIT.config, 'never', 'install the newer version again; nothing was changed'),
  // installed trees, code and releases
  'tree-symlink': row('{path} is a symbolic link', 409, EXIT.config, 'never', REINSTALL),
  'tree-hard-link': row('{path} has {names} names', 409, EXIT.config, 'never', REINSTALL),
  'tree-special-file': row('{path} is neither a file nor a folder', 409, EXIT.config, 'never', REINSTALL),
  'tree-writable': row('{path} may be written by others than its owner (mode {mode})', 409, EXIT.config, 'never', REINSTALL),
  'tree-set-id': row('{path} would run as its owner or group (mode {mode})', 409, EXIT.config, 'never', REINSTALL),
  'tree-name-encoding': row('the name {path} is not UTF-8', 409, EXIT.config, 'never', REINSTALL),
  'tree-name-form': row('the name {path} is not in normal form NFC', 409, EXIT.config, 'never', REINSTALL),
  'tree-name-unprintable': row('the name {path} has characters that do not show', 409, EXIT.config, 'never', REINSTALL),
  'tree-too-large': row('{path}: the tree has {reason}', 413, EXIT.config, 'never', REINSTALL),
  'tree-unreadable': row('{path} cannot be read: {reason}', 500, EXIT.io, 'never', 'see that it is there and that this user may read it'),
  'tree-changing': row('{path} changed while it was measured', 409, EXIT.unavailable, 'later', 'is it being installed? try again when that is done'),
  'tree-not-installed': row('{path} is not an installed tree: it has no {mark}', 404, EXIT.usage, 'never', 'a checkout has no code hash: make a tree with scripts/install-tree DIR'),
  'manifest-invalid': row('{path} is not a manifest: {reason}', 400, EXIT.data, 'never', '`farola-agent hash --json DIR` writes one'),
  'code-changed': row('the installed code changed: {first}, {count} in all; code hash now {hash}', 409, EXIT.failure, 'never', 'restart the agent if this was an update; if not, install it anew and ask who did it'),
  'platform-changed': row('what the agent runs on changed: {first}, {count} in all; platform hash now {hash}', 409, EXIT.failure, 'never', 'if this was an update of the system, approve it: `farola-collector platform add {hash} --reason TEXT`; if not, ask who did it'),
  'code-differs': row('there are differences in {count} file(s)', 409, EXIT.failure, 'never'),
  'environment-refused': row('{name} is set: it can bring in code that no hash covers', 409, EXIT.config, 'never', 'unset {name} and run this again'),
  'option-refused': row('node was started with {option}: it can bring in code that no hash covers', 409, EXIT.config, 'never', 'run bin/farola-agent, which starts node as it must be'),
  'release-malformed': row('not a release file: {reason}', 400, EXIT.data, 'never', '`farola-collector release sign` writes one'),
  'release-untrusted': row('{signatures} of {threshold} needed signatures are by release keys that the configuration trusts', 403, EXIT.data, 'never', 'have it signed by more of the keys in `releases.keys`'),
  'release-keys-missing': row('{path} names no release key', 409, EXIT.config, 'never', 'put the public keys into `releases.keys`, and `releases.threshold` beside them'),
  'release-expired': row('release {sequence} of code {codeHash} expired on {expired}', 409, EXIT.data, 'never', 'have a new one signed: `farola-collector release sign FILE --key FILE --output FILE --sequence N --expires TIME`'),
  'release-older': row('release {sequence} of code {codeHash} is older than the known one, {known}', 409, EXIT.data, 'never', 'an approval of the same code needs a higher --sequence, a revocation does not'),
  'release-conflict': row('another release {sequence} of code {codeHash} is known', 409, EXIT.data, 'never', 'one number says one thing: sign it anew with a higher --sequence, and ask who signed the other'),
  'release-revoked': row('code {codeHash} is revoked: {reason}', 409, EXIT.data, 'never', 'a revocation lasts: sign another build, which has another code hash'),
  'release-unknown': row('no release has version or code hash `{name}`', 404, EXIT.noInput, 'never', '`farola-collector release list` shows all, eight digits of a hash are enough; code that was never added is revoked by its whole hash'),
  'platform-unknown': row('no LCU runs on a platform that begins with `{name}`, and none was judged', 404, EXIT.noInput, 'never', '`farola-collector platform list` shows all, eight digits are enough; one that no LCU told yet is named by its whole hash'),
  'platform-hash-malformed': row('`{name}` does not name a platform: 8 to 64 hexadecimal digits of its hash are needed', 400, EXIT.usage, 'never', '`farola-collector platform list` shows the hashes'),
  // meter
  'line-unavailable': row('line {line} at {path}: {reason}', 503, EXIT.unavailable, 'later', 'check cable, port and gateway; one that ends the connection when it is asked may speak the other transport, `rtu-over-tcp` or `modbus-tcp`'),
  'port-in-use': row('{path} is in use by another process', 409, EXIT.unavailable, 'later', 'stop the agent first, or see who holds it: `fuser {path}`'),
  'agent-not-running': row('no agent runs that tells of itself in {path}', 503, EXIT.unavailable, 'later', 'start it: `systemctl start farola-agent`; or read by yourself: `farola-agent meter read`'),
  'agent-other-version': row('the agent that runs, process {pid}, is of version {version}, and what it tells cannot be read', 409, EXIT.unavailable, 'later', 'restart it: `systemctl restart farola-agent`; or use the command that was installed with it'),
  'transcript-invalid': row('{path}, line {line}: {reason}', 400, EXIT.data, 'never', '`farola-agent meter record FILE` writes one, docs/metering.md has its form'),
  'transcript-unreadable': row('{path} cannot be read: {reason}', 404, EXIT.noInput, 'never', 'check the path, and that this user may read it'),
  'transcript-unwritable': row('{path} cannot be written: {reason}', 409, EXIT.cannotCreate, 'never', 'name a new file, in a folder that this user may write'),
  'transcript-differs': row('{path} is read otherwise now: {readings} reading(s), {questions} question(s) that were not recorded', 409, EXIT.failure, 'never'),
  'line-in-use': row('line {line} is read by the agent that runs, process {pid}', 409, EXIT.unavailable, 'later', 'a line has one reader: `systemctl stop farola-agent`, do this, and start it again; `farola-agent meter stats` asks the agent and stops nothing'),
  'direction-refused': row('the driver of {path} does not switch RS-485 direction: {reason}', 409, EXIT.config, 'never', 'leave `rs485` out where the adapter switches by itself, as most do; else have the port\'s driver support it'),
  'analyser-unknown': row('there is no analyser `{analyser}` in the configuration', 404, EXIT.usage, 'never', 'configured are: {known}'),
  'profile-invalid': row('profile {path}: {problems}', 400, EXIT.config, 'never', '{remedy}'),
  'profile-unreadable': row('profile {path} cannot be read: {reason}', 404, EXIT.noInput, 'never', 'check the path, and that this user may read it'),
  'meter-timeout': row('analyser {analyser} (unit {unit}) did not answer within {timeoutMs} ms', 504, EXIT.unavailable, 'later', SILENT),
  'meter-not-asked': row('analyser {analyser} (unit {unit}) did not answer lately and is asked again in {seconds} s', 504, EXIT.unavailable, 'later', SILENT),
  'meter-exception': row('analyser {analyser} (unit {unit}) answered exception {exception}', 502, EXIT.unavailable, 'later', 'the profile may be that of another model'),
  'meter-faulty': row('analyser {analyser} (unit {unit}) failed at the question: it answered exception {exception}', 502, EXIT.unavailable, 'later', 'it has a fault of its own: look at its display, and restart it'),
  'meter-busy': row('analyser {analyser} (unit {unit}) is busy: it answered exception {exception}', 502, EXIT.unavailable, 'later', 'it is asked again later; if it stays so, another master may ask it as well'),
  'meter-unreachable': row('a gateway has no answer of analyser {analyser} (unit {unit}): it answered exception {exception}', 504, EXIT.unavailable, 'later', 'check power, wiring and unit number behind the gateway, and whether the gateway knows unit {unit}'),
  'meter-malformed': row('analyser {analyser} (unit {unit}) answered what was not asked: {reason}', 502, EXIT.unavailable, 'later', 'on a serial line check baud rate and parity, termination, and that no two units have one address; over a network the transport, `rtu-over-tcp` or `modbus-tcp`, and for answers with transaction 0 set `zeroTransactions`'),
  'meter-mismatch': row('analyser {analyser} (unit {unit} on {line}) is not what is configured: expected {expected}, it says {says}; it looks like {looksLike}', 409, EXIT.config, 'never', 'check wiring and unit numbers, or tell `analysers[].profile` and `serialNumber` as they are: nothing is recorded of it until then'),
  'meter-doubtful': row('analyser {analyser} (unit {unit}) may not be what is configured: expected {expected}, it says {says}', 409, EXIT.config, 'never', 'its profile is not sure of that register, so it is read all the same: look at the plate of the device'),
  'meter-exchanged': row('analyser {analyser} is another device: it was {before}, and is {now}', 409, EXIT.config, 'never', 'if it was meant, tell its `serialNumber` in the configuration; if not, ask who did it'),
  'display-differs': row('{profile} does not say what the display of {analyser} shows: {count} of {asked} values are otherwise', 409, EXIT.failure, 'never', '{remedy}'),
  'display-not-found': row('what the display of {analyser} shows is nowhere in these registers: {quantities}', 409, EXIT.failure, 'never', 'search others by --register and --count; see that each value is in the unit of its quantity'),
  'setting-changed': row('analyser {analyser}: {setting} of the device is {now}, and was {before}', 409, EXIT.config, 'never', 'what it counts may mean something else from now on: ask who did it'),
  'setting-differs': row('analyser {analyser}: {setting} of the device is {now}, and {configured} is configured', 409, EXIT.config, 'never', 'its values are marked until both agree: set the device right, or the configuration'),
  'modbus-write-refused': row('the meter path cannot write: function {function}', 403, EXIT.software, 'never'),
  // anything else
  'usage': row('{reason}', 400, EXIT.usage, 'never', 'see --help'),
  'internal': row('internal error: {reason}', 500, EXIT.software, 'never', 'please report this with the log'),
} as const satisfies Record<string, ErrorRow>;

/** A code of the error table. */
export type ErrorCode = keyof typeof ERRORS;

/** What an error is about; values are shown in its message. */
export type Facts = Readonly<Record<string, string | number | bigint>>;

/** A placeholder, and the noun behind it that it counts: `{count} file(s)`. */
const PLACEHOLDER = /\{(\w+)\}(?: (\w+)\(s\))?/g;

/** Fills `{name}` from facts, with a noun that it counts in the right number; a missing fact stays as it stands. */
function fill(text: string, facts: Facts): string {
  return text.replace(PLACEHOLDER, (whole, name: string, noun: string | undefined) => {
    const fact = facts[name];
    if (fact === undefined) return whole;
    return noun === undefined ? String(fact) : `${fact} ${Number(fact) === 1 ? noun : `${noun}s`}`;
  });
}

/** An expected failure with a code of the table. Anything else thrown is a defect. */
export class FarolaError extends Error {
  readonly code: ErrorCode;
  readonly facts: Facts;

  constructor(code: ErrorCode, facts: Facts = {}, options?: ErrorOptions) {
    super(fill(ERRORS[code].message, facts), options);
    this.name = 'FarolaError';
    this.code = code;
    this.facts = facts;
  }

  /** What the reader may do about it; undefined when the table has no advice. */
  get hint(): string | undefined {
    const row: ErrorRow = ERRORS[this.code];
    return row.hint === undefined ? undefined : fill(row.hint, this.facts);
  }

  /** Exit code of a command that ends with this error. */
  get exit(): number {
    return ERRORS[this.code].exit;
  }
}

/** The code of anything that was thrown: `internal` for what is not of the table. */
export function codeOf(thrown: unknown): ErrorCode {
  return thrown instanceof FarolaError ? thrown.code : 'internal';
}

/** Whether the same call may succeed when it is tried again, at once or later. */
export function mayRetry(code: ErrorCode): boolean {
  return ERRORS[code].retry !== 'never';
}
