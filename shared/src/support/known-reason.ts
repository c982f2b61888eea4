import { constants } from 'node:os';
import { ERRORS } from '../errors.js';

/** Of getaddrinfo(3) and of TLS, as Node names them (doc/api/errors.md, doc/api/tls.md). */
const NOT_OF_ERRNO: ReadonlySet<string> = new Set([
  ...['ENOTFOUND', 'EAI_AGAIN', 'EAI_FAIL', 'EAI_NODATA', 'EAI_NONAME', 'EAI_SYSTEM', 'DEPTH_ZERO_SELF_SIGNED_CERT'],
  ...['CERT_HAS_EXPIRED', 'CERT_NOT_YET_VALID', 'CERT_REVOKED', 'CERT_UNTRUSTED', 'CERT_REJECTED', 'CERT_CHAIN_TOO_LONG'],
  ...['UNABLE_TO_GET_ISSUER_CERT', 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY', 'UNABLE_TO_VERIFY_LEAF_SIGNATURE'],
  ...[
    'ERR_TLS_CERT_ALTNAME_INVALID',
    'ERR_TLS_HANDSHAKE_TIMEOUT',
    'ERR_SSL_WRONG_VERSION_NUMBER',
    'ERR_SOCKET_CONNECTION_TIMEOUT',
  ],
  ...['ERR_SSL_NO_PROTOCOLS_AVAILABLE', 'ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION', 'ERR_SSL_UNSUPPORTED_PROTOCOL'],
  ...['ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE', 'ERR_SSL_PACKET_LENGTH_TOO_LONG', 'ERR_SSL_HTTP_REQUEST'],
]);
/** What our own programs, and Node, say in so many words. */
const SENTENCES = [
  /^Client network socket disconnected before secure TLS connection was established$/,
  /^socket hang up$/,
  /^no answer within \d{1,9} ms$/,
  /^it closed the connection$/,
  /^(it )?closed with \d{4}$/,
  /^stopped$/,
  /^not measured yet$/,
  /^this is a checkout, not an installed tree$/,
];

/**
 * Of why something failed what can hold no secret: codes of the error table, of errno(3) and of TLS that stand in it as words, or the
 * whole of it where it is such a sentence. null when there is none; never a part of a free text.
 */
export function knownReason(reason: string): string | null {
  if (SENTENCES.some((sentence) => sentence.test(reason))) return reason;
  const words = reason.split(/[^A-Za-z0-9_-]+/).filter(isCode);
  return words.length === 0 ? null : [...new Set(words)].join(' ');
}

function isCode(word: string): boolean {
  if (Object.hasOwn(ERRORS, word)) return word.includes('-') || word === 'internal';
  return Object.hasOwn(constants.errno, word) || NOT_OF_ERRNO.has(word);
}
