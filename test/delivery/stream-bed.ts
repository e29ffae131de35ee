import type { Carrier, CarryResult, PeerLoss } from '../../src/delivery/carrier.ts';
import type { Chosen } from '../../src/delivery/chooser.ts';
import type { AcceptedStream, StreamEvents } from '../../src/delivery/mesh-stream.ts';
import { createProvisions, type Provisions } from '../../src/delivery/provisions.ts';
import { provisionsReceiver } from '../../src/delivery/stream-receiver.ts';
import { createStreamTable, type StreamTable } from '../../src/delivery/streams.ts';
import type { FrameFields } from '../../src/protocol/frame.ts';
import type { NodeId } from '../../src/protocol/ids.ts';
import type { ReceivedFrame } from '../../src/protocol/received-frame.ts';
import type { Clock } from '../../src/runtime/clock.ts';
import { InstanceTrack } from '../../src/selection/instance-track.ts';
import { RetryBudget } from '../../src/selection/retry-budget.ts';
import { createWorld } from '../../src/testing/world.ts';
import { messageIdOf, noBytes, nodeOf } from './delivery-bed.ts';

/** What the owner of one side was told, in order; bytes are summed up in `bytes`. */
export interface Owner extends StreamEvents {
  readonly told: string[];
  readonly bytes: number[];
  /** Called with what is told, after it was noted. */
  follow: (what: string) => void;
}

export function owner(): Owner {
  const one: Owner = {
    told: [],
    bytes: [],
    follow: () => undefined,
    onReady: () => note('ready'),
    onAccept: () => note('accept'),
    onData(bytes) {
      one.bytes.push(...bytes);
      one.follow('data');
    },
    onDrain: () => note('drain'),
    onEnd: () => note('end'),
    onFinish: () => note('finish'),
    onReset: (code) => note(`reset(${code})`),
  };
  const note = (what: string) => {
    one.told.push(what);
    one.follow(what);
  };
  return one;
}

/** Frames from one node to the other, delivered when the test says so. */
export interface Way extends Carrier {
  readonly frames: ReceivedFrame[];
  result: (fields: FrameFields) => CarryResult;
}

function createWay(): Way {
  const way: Way = {
    frames: [],
    result: () => 'written',
    send(_, fields, head, body) {
      const result = way.result(fields);
      if (result === 'busy' || result === 'unreachable') return result;
      const bytes = Buffer.concat([head ?? noBytes, body ?? noBytes]);
      way.frames.push({ ...fields, bytes, start: 0, end: bytes.length });
      return result;
    },
  };
  return way;
}

export interface StreamSideBed {
  readonly id: NodeId;
  readonly table: StreamTable;
  readonly provisions: Provisions;
  readonly way: Way;
  readonly faults: string[];
  /** What accepts said of loads. */
  readonly loads: readonly (readonly [service: string, load: number])[];
}

export const [opener, acceptor] = [nodeOf(1), nodeOf(2)];

/** What the link is said to hold of all that was sent. */
export const linkHoldsBytes = 100;

function createSide(id: NodeId, clock: Clock): StreamSideBed {
  const faults: string[] = [];
  const way = createWay();
  const loads: (readonly [service: string, load: number])[] = [];
  const provisions = createProvisions(
    clock,
    () => undefined,
    () => undefined,
    () => 0.5,
  );
  let ids = 0;
  const table = createStreamTable({
    clock,
    self: id,
    selfName: `n${id.slice(-1)}`,
    carrier: way,
    receiver: provisionsReceiver(provisions, `n${id.slice(-1)}`),
    newMessageId: () => messageIdOf(++ids),
    onOwnerFault: (where) => void faults.push(where),
    onLoad: (_peer, service, load) => void loads.push([service, load]),
    unwrittenBytes: () => linkHoldsBytes,
  });
  return { id, table, provisions, way, faults, loads };
}

export function streamBed() {
  const world = createWorld();
  const { clock } = world.host('h').start().runtime;
  const a = createSide(opener, clock);
  const b = createSide(acceptor, clock);
  const chosen: Chosen = { node: acceptor, name: 'n2', track: new InstanceTrack(), budget: new RetryBudget() };
  const accepted: { readonly stream: AcceptedStream; readonly owner: Owner }[] = [];
  const faults: string[] = [];
  /** Delivers at most `count` frames of a way. */
  const deliver = (from: StreamSideBed, to: StreamSideBed, count: number) => {
    for (const frame of from.way.frames.splice(0, count)) {
      const fault = to.table.onFrame(from.id, frame);
      if (fault !== undefined) faults.push(fault);
    }
  };
  return {
    world,
    a,
    b,
    chosen,
    accepted,
    faults,
    deliver,
    settle() {
      while (a.way.frames.length + b.way.frames.length > 0) {
        deliver(a, b, 64);
        deliver(b, a, 64);
      }
    },
    provide(open?: (stream: AcceptedStream, events: Owner) => void, inFlightMax = 100_000) {
      const kinds = { messages: false, http: false, streams: true };
      b.provisions.provide(
        'web',
        {
          deliver: () => () => undefined,
          open(stream) {
            const events = owner();
            accepted.push({ stream, owner: events });
            open?.(stream, events);
            return events;
          },
        },
        { kinds, weight: 100, labels: {}, inFlightMax },
      );
    },
    open(
      events: StreamEvents,
      fields: { deadlineMs?: number; body?: Uint8Array; command?: string; isEnded?: boolean } = {},
    ) {
      return a.table.open(
        chosen,
        {
          service: 'web',
          nodePart: '',
          command: 'GET',
          params: {},
          bodyKind: (fields.body ?? noBytes).length === 0 ? 'none' : 'bytes',
          body: noBytes,
          idempotent: false,
          deadlineMs: Number.POSITIVE_INFINITY,
          fromService: '',
          again: false,
          ...fields,
        },
        events,
      );
    },
    lose(loss: PeerLoss) {
      a.way.frames.length = b.way.frames.length = 0;
      a.table.onPeerLost(acceptor, loss);
      b.table.onPeerLost(opener, loss);
    },
    counts: () => [a.table.count(), b.table.count(), chosen.track.inFlight, b.provisions.summaries()[0]?.inFlight ?? 0],
  };
}

export const answer = { params: {}, bodyKind: 'none', body: noBytes } as const;

export function mustOpen(opening: ReturnType<StreamTable['open']>) {
  if (!opening.ok) throw new Error(`not opened: ${opening.code}`);
  return opening.stream;
}
