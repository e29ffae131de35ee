import type { OpenedStream, StreamEvents } from '../delivery/mesh-stream.ts';
import type { ErrorCode } from '../protocol/error-code.ts';
import type { ResponseHead } from './http-head.ts';
import type { ProblemFacts } from './problem.ts';

/** Where a stream was accepted. */
export interface ServingInstance {
  readonly service: string;
  readonly node: string;
}

/** Whose request it is. Exactly one of `onFinish`, `onBroken` and `onFailed` comes last, none after `cancel`. */
export interface AttemptOwner extends Pick<StreamEvents, 'onData' | 'onDrain' | 'onEnd' | 'onFinish'> {
  /** The program is reached. Once per attempt. */
  onReady(stream: OpenedStream): void;
  /** Before the answer, any number of times; it decides nothing. */
  onInterim(head: ResponseHead): void;
  onAnswer(head: ResponseHead, instance: ServingInstance): void;
  /** After all data, once at most: names and values in turn. */
  onTrailers(trailers: readonly string[]): void;
  /** This attempt came to nothing, the next begins. What it brought is void. */
  onRetry(): void;
  /** Broken after the answer was passed on. */
  onBroken(code: ErrorCode, reason: string): void;
  /** Nothing was passed on and there is nothing left to try. */
  onFailed(facts: ProblemFacts): void;
  /** True while no part of the answer has been passed on. */
  readonly isUndecided: boolean;
  /** True while all that was sent can be sent again. */
  readonly isReplayable: boolean;
}
