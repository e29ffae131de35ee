import type { SocketAddress } from '../protocol/socket-address.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Random } from '../runtime/random.ts';
import type { HeardBeacon } from './beacon-intake.ts';
import { createRateLimit } from './rate-limit.ts';

/** Of all nodes together [B3]. */
const answersPerSecond = 10;

/** How many of a large cluster answer on the average: enough that some do, few enough for one receiver's buffer. */
const answerersMean = 32;

/** Answers seeking beacons, so that a node that has just come knows the others at once [B3]. */
export interface SeekingAnswers {
  readonly sent: number;
  /** Answers if this is a question, and not too many were answered just now. */
  consider(heard: HeardBeacon): void;
}

export interface SeekingAnswersOptions {
  readonly clock: Clock;
  readonly random: Random;
  /** Live members known, this node not included. */
  readonly peerCount: () => number;
  /** A beacon of at most so many bytes of payload; `undefined` when there is none so short. */
  readonly compose: (bytesMax: number) => Uint8Array | undefined;
  readonly sendToNodePort: (to: SocketAddress, bytes: Uint8Array) => void;
}

export function createSeekingAnswers(options: SeekingAnswersOptions): SeekingAnswers {
  const { clock, random, compose, sendToNodePort } = options;
  const limit = createRateLimit(answersPerSecond);
  let sent = 0;
  return {
    get sent() {
      return sent;
    },
    consider(heard) {
      const chance = answerersMean / options.peerCount();
      if (!isQuestion(heard) || (chance < 1 && random.next() >= chance) || !limit.take(clock.now())) return;
      // Never more than was received, or a forged source makes this node a weapon [D3].
      const bytes = compose(heard.payloadBytes);
      if (bytes === undefined) return;
      sent += 1;
      sendToNodePort({ address: heard.from.address, port: heard.beacon.nodePort }, bytes);
    },
  };
}

/** Nobody outside this host's subnets gets an answer: the source of a datagram from there may be anybody's. */
function isQuestion({ beacon, fresh, way, location }: HeardBeacon): boolean {
  return beacon.seeking && !beacon.leaving && fresh && way !== 'answer' && location !== undefined;
}
