import type {
  AcceptedStream,
  MeshStream,
  OpenedStream,
  StreamEvents,
  StreamHead,
} from '../../src/delivery/mesh-stream.ts';
import type { Provider } from '../../src/delivery/provider.ts';
import type { FogataNode, OpenRequest, OpenResult } from '../../src/node/node.ts';
import type { ErrorCode } from '../../src/protocol/error-code.ts';
import type { MessageId } from '../../src/protocol/ids.ts';

/** What a stream may send before its other side has worked anything off [F7]. */
const windowBytes = 262_144;
const dataBytesMax = 65_536;

/** One instance, best first. */
export interface FakeInstance {
  readonly node: string;
  readonly provider: Provider;
}

export interface FakeMesh {
  readonly node: FogataNode;
  readonly instances: Map<string, FakeInstance[]>;
  /** Every open, as it was asked for. */
  readonly opens: OpenRequest[];
  /** Open streams, counted by their openers. */
  readonly streamsOpen: () => number;
  /** The most bytes that ever waited for credit in one stream. */
  readonly queuedBytesMost: () => number;
  /** The node is cut off: its streams break, as seen from the opener. */
  kill(node: string): void;
}

/** A queue of what happens next: never in the call that causes it. */
type Later = (what: () => void) => void;

/** One direction of a stream with its credit. */
class Half {
  readonly #later: Later;
  readonly #scratch: Uint8Array | undefined;
  target: StreamEvents | undefined;
  writer: StreamEvents | undefined;
  queuedMost = 0;
  hasEnded = false;
  isClosed = false;
  onEnded = (): void => undefined;
  #credit: number;
  #owed = 0;
  #queue: Uint8Array[] = [];
  #queuedBytes = 0;
  #wantsDrain = false;

  constructor(later: Later, credit: number, poisons: boolean) {
    this.#later = later;
    this.#credit = credit;
    this.#scratch = poisons ? new Uint8Array(dataBytesMax) : undefined;
  }

  write(bytes: Uint8Array): boolean {
    if (this.hasEnded) throw new Error('written after the end');
    for (let at = 0; at < bytes.length; at += dataBytesMax) this.#queue.push(bytes.subarray(at, at + dataBytesMax));
    this.#queuedBytes += bytes.length;
    this.#pump();
    this.queuedMost = Math.max(this.queuedMost, this.#queuedBytes);
    if (this.#queuedBytes === 0) return true;
    this.#wantsDrain = true;
    return false;
  }

  end(): void {
    if (this.hasEnded) throw new Error('ended twice');
    this.hasEnded = true;
    this.#pump();
  }

  grant(count: number): void {
    this.#credit += count;
    this.#pump();
  }

  /** `count` were worked off by the target. */
  consumed(count: number): void {
    if (count > this.#owed) throw new Error(`consumed ${count} of ${this.#owed}`);
    this.#owed -= count;
    this.#later(() => this.grant(count));
  }

  #pump(): void {
    while (this.#queue.length > 0 && this.#credit > 0) {
      const next = this.#queue[0] as Uint8Array;
      const part = next.length <= this.#credit ? next : next.subarray(0, this.#credit);
      if (part === next) this.#queue.shift();
      else this.#queue[0] = next.subarray(part.length);
      this.#credit -= part.length;
      this.#queuedBytes -= part.length;
      this.#later(() => this.#deliver(part));
    }
    if (this.#queuedBytes > 0) return;
    if (this.#wantsDrain && !this.hasEnded) {
      this.#wantsDrain = false;
      this.#later(() => this.writer?.onDrain());
    }
    if (this.hasEnded && !this.isClosed) {
      this.isClosed = true;
      this.#later(() => {
        this.target?.onEnd();
        this.onEnded();
      });
    }
  }

  #deliver(part: Uint8Array): void {
    this.#owed += part.length;
    const scratch = this.#scratch;
    if (scratch === undefined) {
      this.target?.onData(part);
      return;
    }
    // As a read buffer: what is kept beyond the call is spoilt.
    scratch.set(part);
    this.target?.onData(scratch.subarray(0, part.length));
    scratch.fill(0xee);
  }
}

/** Streams between proxy and targets in one process, with credit and later delivery, but no network. */
export function fakeMesh(options: { readonly poisons: boolean } = { poisons: true }): FakeMesh {
  const instances = new Map<string, FakeInstance[]>();
  const opens: OpenRequest[] = [];
  const breakers = new Map<object, { readonly node: string; readonly breakOff: (reason: string) => void }>();
  const halves: Half[] = [];
  let number = 0;

  function open(request: OpenRequest, events: StreamEvents): OpenResult {
    opens.push({ ...request, avoid: [...request.avoid] });
    const { service, node } = request.to;
    const all = (instances.get(service) ?? []).filter((each) => node === '' || each.node === node);
    const chosen = all.find((each) => !request.avoid.includes(each.node)) ?? all[0];
    if (chosen === undefined) return { ok: false, code: 'no-instance', reason: `no instance of ${service}` };
    number += 1;
    const stream = connectPair(chosen, request, events, `${number}`.padStart(32, '0') as MessageId);
    return { ok: true, stream, instance: { service, node: chosen.node } };
  }

  function connectPair(chosen: FakeInstance, request: OpenRequest, events: StreamEvents, id: MessageId): OpenedStream {
    let isOver = false;
    let begun = false;
    let accepted = false;
    let granted = false;
    let acceptor: StreamEvents | undefined;
    const silent = { opener: false, acceptor: false };
    const queue: (() => void)[] = [];
    // In order, and none after the end.
    const later: Later = (what) => {
      queue.push(what);
      if (queue.length === 1) setImmediate(drain);
    };
    const drain = (): void => {
      for (const what of queue.splice(0)) if (!isOver) what();
      if (queue.length > 0) setImmediate(drain);
    };
    const up = new Half(later, 0, options.poisons);
    const down = new Half(later, windowBytes, options.poisons);
    halves.push(up, down);
    up.writer = events;
    down.target = events;
    const finish = (): void => {
      if (!up.isClosed || !down.isClosed || isOver) return;
      isOver = true;
      breakers.delete(events);
      if (!silent.opener) events.onFinish();
      if (!silent.acceptor) acceptor?.onFinish();
    };
    up.onEnded = finish;
    down.onEnded = finish;
    const reset = (told: () => StreamEvents | undefined, code: ErrorCode, reason: string): void => {
      if (isOver) return;
      later(() => {
        isOver = true;
        breakers.delete(events);
        told()?.onReset(code, reason);
      });
    };
    // A reset silences the one who called it at once, the other side when it arrives.
    const silence = (side: 'opener' | 'acceptor'): void => {
      silent[side] = true;
      if (side === 'opener') {
        down.target = undefined;
        up.writer = undefined;
      } else {
        up.target = undefined;
        down.writer = undefined;
      }
    };
    const timer =
      request.deadlineMs === Number.POSITIVE_INFINITY
        ? undefined
        : setTimeoutUnref(request.deadlineMs, () => {
            if (accepted || isOver) return;
            isOver = true;
            breakers.delete(events);
            acceptor?.onReset('deadline', 'the deadline passed');
            events.onReset('deadline', 'the deadline passed');
          });
    breakers.set(events, {
      node: chosen.node,
      breakOff(reason) {
        if (isOver) return;
        isOver = true;
        breakers.delete(events);
        events.onReset('link-lost', reason);
        acceptor?.onReset('link-lost', reason);
      },
    });
    const grant = (): void => {
      if (granted) return;
      granted = true;
      begun = true;
      later(() => {
        if (!silent.opener) events.onReady();
        up.grant(windowBytes);
      });
    };
    const side = (
      mine: Half,
      theirs: Half,
      who: 'opener' | 'acceptor',
      other: () => StreamEvents | undefined,
    ): MeshStream => ({
      write: (bytes) => (isOver ? true : mine.write(bytes)),
      end: () => (isOver ? undefined : mine.end()),
      reset(code, reason) {
        silence(who);
        reset(other, code, reason);
      },
      consumed: (count) => (isOver ? undefined : theirs.consumed(count)),
      unwrittenBytes: () => Number.POSITIVE_INFINITY,
    });
    const acceptedStream: AcceptedStream = {
      ...side(down, up, 'acceptor', () => events),
      head: {
        ...{ id, bodyKind: 'json', attempt: 0, service: request.to.service, node: request.to.node },
        ...{ command: request.command, fromService: request.fromService, fromNode: 'here', params: {} },
      },
      body: request.body,
      idempotent: request.idempotent,
      deadlineMs: request.deadlineMs,
      ready: grant,
      endWith(bytes) {
        if (isOver) return;
        down.write(bytes);
        down.end();
      },
      accept(head: StreamHead) {
        if (accepted) throw new Error('accepted twice');
        grant();
        accepted = true;
        timer?.();
        later(() => {
          if (!silent.opener) events.onAccept(head, { service: request.to.service, node: chosen.node });
        });
      },
    };
    later(() => {
      acceptor = chosen.provider.open?.(acceptedStream);
      up.target = acceptor;
      down.writer = acceptor;
    });
    if (request.isEnded === true) up.end();
    return {
      ...side(up, down, 'opener', () => acceptor),
      begun() {
        return begun;
      },
      blame: () => undefined,
    };
  }

  /** The budget has it always. */
  const mayTryElsewhere: FogataNode['mayTryElsewhere'] = ({ service }, _kind, tried) =>
    tried === undefined || (instances.get(service) ?? []).some(({ node }) => !tried.includes(node));

  return {
    node: { open, mayTryElsewhere } as unknown as FogataNode,
    instances,
    opens,
    streamsOpen: () => breakers.size,
    queuedBytesMost: () => Math.max(0, ...halves.map((half) => half.queuedMost)),
    kill(node) {
      for (const each of [...breakers.values()]) if (each.node === node) each.breakOff(`${node} is gone`);
    },
  };
}

/** Returns how to cancel it. */
function setTimeoutUnref(ms: number, callback: () => void): () => void {
  const signal = AbortSignal.timeout(Math.max(0, Math.ceil(ms)));
  signal.addEventListener('abort', callback, { once: true });
  return () => signal.removeEventListener('abort', callback);
}
