import { codeOf, type FarolaError, systemClock, systemRandom, systemTimers } from '@farola/shared';
import { acceptEnrolment } from '../link/accept-enrolment.js';
import { acceptLcu } from '../link/accept-lcu.js';
import type { Channel, DialTarget, Receivers } from '../link/channel.js';
import { handKeys } from '../link/hand-keys.js';
import { handKeysFirst } from '../link/hand-keys-first.js';
import { keepDialled } from '../link/keep-dialled.js';
import { type WsDiallerOptions, wsLcuDialler } from '../link/ws-dialler.js';
import { type PollService } from '../poll/poll-service.js';
import type { Parts } from './parts.js';

/** Rounds without a word after which a connection that was dialled is opened anew. */
const SILENT_ROUNDS = 2;

/** As a listener wants them; the name of the LCU is told where it is known before it says so. */
export interface LcuReceivers extends Receivers {
  lcu(channel: Channel, expected?: string): void;
}

/** What takes connections over, by what they are for. */
export function receiversOf(
  { config, keys, keysRound, state, verify, log }: Parts,
  polls: PollService,
  refused: LcuReceivers['refused'],
): LcuReceivers {
  const { identity } = keys;
  const dialled = new Set(config.dial.map(({ lcu }) => lcu));
  const isDialled = (lcuId: string): boolean => dialled.has(lcuId);
  const io = { clock: systemClock(), timers: systemTimers, random: systemRandom };
  const deps = { identity, fleet: state.fleet, verify, isDialled, ...io };
  return {
    lcu: (channel, expected) =>
      acceptLcu(
        channel,
        deps,
        (greeted, of) => polls.attach(greeted, of),
        (refusal, { remote }) => refused(refusal, remote),
        expected,
      ),
    enrol: (channel) =>
      acceptEnrolment(channel, deps, ({ lcuId, outcome }) => {
        if (outcome === 'pending') log.info({ lcuId, outcome, remote: channel.remote }, 'enrolment');
        else refused({ ok: false, code: outcome, facts: { lcu: lcuId } }, channel.remote);
      }),
    keys: (channel) =>
      void handKeys(
        channel,
        { ...deps, keys },
        (said) => keysRound.said(said),
        (refusal) => refused(refusal, channel.remote),
      ),
    refused,
    failed: (error, remote) => log.error({ code: codeOf(error), err: error, remote }, 'message could not be taken'),
  };
}

/** Dials the LCUs that wait for it. What they say is taken as of those that dial. */
export function dialAll(
  { config, log, keys, keysRound, state, verify }: Parts,
  receivers: LcuReceivers,
  signal: AbortSignal,
): Promise<void> {
  const targets: DialTarget[] = config.dial.map(({ lcu, host, port }) => ({ lcuId: lcu, host, port }));
  const silenceMs = SILENT_ROUNDS * config.pollSeconds * 1000 + config.deadlineMs;
  const common: WsDiallerOptions = {
    clock: systemClock(),
    timers: systemTimers,
    silenceMs,
    refused: (refusal, remote) => receivers.refused(refusal, remote),
    failed: (error, remote) => receivers.failed(error, remote),
  };
  const dial = wsLcuDialler(common);
  const dialKeys = wsLcuDialler({ ...common, path: '/v1/keys' });
  const handed = { keys, fleet: state.fleet, verify, timers: systemTimers };
  const deps = {
    dial: handKeysFirst(dial, {
      isNeeded: ({ lcuId }) => !keysRound.hasTaken(state.fleet.find(lcuId)?.lcuNo ?? -1),
      dialKeys,
      hand: (channel) =>
        handKeys(
          channel,
          handed,
          (said) => keysRound.said(said),
          (refusal) => receivers.refused(refusal, channel.remote),
        ),
    }),
    timers: systemTimers,
    random: systemRandom,
    accept: (channel: Channel, { lcuId }: DialTarget) => receivers.lcu(channel, lcuId),
    failed: ({ code, facts }: FarolaError) => log.warn({ ...facts, code }, 'LCU not reached'),
  };
  return keepDialled(targets, deps, signal);
}
