import type { ProgramRequest, ProgramResponse } from '../api/program-request.ts';
import { resolvedAddressOf } from '../api/resolved-address-of.ts';
import { wishesOf } from '../api/wishes-of.ts';
import type { FrameLink } from '../links/frame-link.ts';
import type { FogataNode } from '../node/node.ts';
import { FogataError } from '../protocol/fogata-error.ts';
import { FrameKind } from '../protocol/frame.ts';
import { queuedBytesMax } from '../protocol/limits.ts';
import type { ReceivedFrame } from '../protocol/received-frame.ts';
import { programFrame } from './program-frame.ts';
import type { ProgramProviders } from './program-providers.ts';
import { parseProgramRequest } from './program-request-schema.ts';

/** Watches of one program: it needs one; more are a leak on its side. */
const watchesMax = 64;

/** How long work in hand may go on after `withdraw`. */
const withdrawGraceMs = 2_000;

export interface ProgramRequestsOptions {
  readonly node: FogataNode;
  readonly link: FrameLink;
  readonly providers: ProgramProviders;
  /** What `status` answers. */
  readonly status: () => object;
  /** The program does not read its events. */
  readonly onOverflow: () => void;
}

const decoder = new TextDecoder();
const encoder = new TextEncoder();

/** What a program asks its agent about the mesh and about itself. */
export class ProgramRequests {
  readonly #options: ProgramRequestsOptions;
  readonly #watches = new Map<number, () => void>();

  constructor(options: ProgramRequestsOptions) {
    this.#options = options;
  }

  take(frame: ReceivedFrame): void {
    const { correlation } = frame;
    const parsed = parseProgramRequest(decoder.decode(frame.bytes.subarray(frame.start, frame.end)));
    if (!parsed.ok) {
      this.#respond(correlation, { ok: false, code: 'invalid', reason: parsed.reason });
      return;
    }
    try {
      const result = this.#perform(parsed.request, correlation);
      if (result instanceof Promise) {
        result.then(
          () => this.#respond(correlation, { ok: true, result: null }),
          (error: unknown) => this.#fail(correlation, error),
        );
      } else if (result !== undefined) this.#respond(correlation, { ok: true, result });
    } catch (error) {
      this.#fail(correlation, error);
    }
  }

  /** Ends a watch; false when none has that name. */
  cancel(correlation: number): boolean {
    const stop = this.#watches.get(correlation);
    this.#watches.delete(correlation);
    stop?.();
    return stop !== undefined;
  }

  close(): void {
    for (const stop of this.#watches.values()) stop();
    this.#watches.clear();
  }

  /** A promise answers with null when it is done; undefined has answered itself. */
  #perform(request: ProgramRequest, correlation: number): unknown {
    const { node, providers, status } = this.#options;
    switch (request.op) {
      case 'nodes':
        return node.nodesView();
      case 'services':
        return node.servicesView();
      case 'status':
        return status();
      case 'resolve':
        return node.explain(resolvedAddressOf(request.address), wishesOf(request, 'resolve').wish);
      case 'watch':
        return this.#watch(correlation);
      case 'register': {
        const { service, weight, labels, inFlightMax, heartbeatWithinMs, endpoint, kinds } = request;
        const beat = heartbeatWithinMs === undefined ? {} : { heartbeatWithinMs };
        const place = endpoint === undefined ? {} : { endpoint };
        providers.register(service, { weight, labels, inFlightMax, ...beat, ...place }, kinds);
        return null;
      }
      case 'withdraw':
        return providers.withdraw(request.service, withdrawGraceMs);
      case 'set-load':
        providers.setLoad(request.service, request.load);
        return null;
      case 'set-state':
        providers.setState(request.service, request.state);
        return null;
      case 'heartbeat':
        providers.heartbeat(request.service, request.state, request.note);
        return null;
    }
  }

  #watch(correlation: number): void {
    const { node, link, onOverflow } = this.#options;
    if (this.#watches.size >= watchesMax) throw new FogataError('busy', `a program has at most ${watchesMax} watches`);
    if (this.#watches.has(correlation)) throw new FogataError('invalid', 'this watch is open already');
    // The answer comes before the events, which begin within the call.
    this.#respond(correlation, { ok: true, result: null });
    let stopped = false;
    const stop = node.watch((event) => {
      if (stopped) return;
      link.send(programFrame(FrameKind.event, correlation), undefined, encoder.encode(JSON.stringify(event)));
      if (link.queuedBytes() > queuedBytesMax) onOverflow();
    });
    this.#watches.set(correlation, () => {
      stopped = true;
      stop();
    });
  }

  #fail(correlation: number, thrown: unknown): void {
    const { code, message } = FogataError.from(thrown);
    this.#respond(correlation, { ok: false, code, reason: message });
  }

  #respond(correlation: number, response: ProgramResponse): void {
    const body = encoder.encode(JSON.stringify(response));
    this.#options.link.send(programFrame(FrameKind.response, correlation), undefined, body);
  }
}
