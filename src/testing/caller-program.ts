import type { ExchangeRequest } from '../delivery/exchange-request.ts';
import type { PublishedAt } from '../delivery/publish-settlement.ts';
import type { Settlement } from '../delivery/settlement.ts';
import type { FogataNode } from '../node/node.ts';
import type { MessageId } from '../protocol/ids.ts';
import { type CallRecord, type History, type NodeRun, type StreamRecord, streamSideRecord } from './history.ts';
import { createStreamScript } from './recorded-stream.ts';
import type { VirtualProcess } from './virtual-host.ts';
import type { VirtualRandom } from './virtual-random.ts';

export interface CallerOptions {
  readonly history: History;
  readonly at: NodeRun;
  readonly node: FogataNode;
  readonly process: VirtualProcess;
  readonly random: VirtualRandom;
  /** Names to call; some may be served by nobody. */
  readonly services: readonly string[];
  /** Mean pause between two calls. */
  readonly pauseMs: number;
  /** Asked before each call: false leaves it out. */
  readonly isWanted: () => boolean;
}

const noBytes = new Uint8Array(0);

/** A program that calls, sends, publishes and opens streams at random, and notes what it is told. Returns how to end it. */
export function startCaller(options: CallerOptions): () => void {
  const { random, process } = options;
  const { clock } = process.runtime;

  function next(): void {
    timer = clock.schedule(-Math.log(1 - random.next()) * options.pauseMs, next);
    if (!options.isWanted()) return;
    const draw = random.next();
    if (draw < 0.06) openStream(options);
    else if (draw < 0.09) publish(options);
    else exchange(options, draw < 0.25 ? 'send' : 'call');
  }

  let timer = clock.schedule(random.next() * options.pauseMs, next);
  return () => timer.cancel();
}

function pick<Item>(random: VirtualRandom, items: readonly Item[]): Item {
  const item = items[Math.floor(random.next() * items.length)];
  if (item === undefined) throw new Error('nothing to pick from');
  return item;
}

function begin(options: CallerOptions, kind: CallRecord['kind']): { record: CallRecord; request: ExchangeRequest } {
  const { random, at, process, history } = options;
  const id = Array.from(random.bytes(16), (byte) => byte.toString(16).padStart(2, '0')).join('') as MessageId;
  const draw = random.next();
  const command = draw < 0.6 ? 'now' : draw < 0.9 ? 'later' : draw < 0.95 ? 'fail' : 'mute';
  const deadlineMs = Math.round(20 * 400 ** random.next());
  const record: CallRecord = {
    id,
    kind,
    service: pick(random, options.services),
    command,
    idempotent: random.next() < 0.5,
    deadlineMs,
    origin: at,
    startedAt: process.runtime.clock.now(),
    cancelled: false,
    settlements: [],
    settledAt: [],
    executions: [],
  };
  history.calls.set(id, record);
  const request: ExchangeRequest = {
    id,
    to: { service: record.service, node: '' },
    command,
    params: command === 'later' ? { ms: String(Math.round(1_000 * random.next() ** 3)) } : {},
    bodyKind: 'none',
    body: random.next() < 0.1 ? new Uint8Array(Math.floor(random.next() * 20_000)) : noBytes,
    replyWanted: kind === 'call',
    idempotent: record.idempotent,
    deadlineMs,
    fromService: '',
  };
  return { record, request: request.body.length > 0 ? { ...request, bodyKind: 'bytes' } : request };
}

function exchange(options: CallerOptions, kind: 'call' | 'send'): void {
  const { node, random, process } = options;
  const { clock } = process.runtime;
  const { record, request } = begin(options, kind);
  const cancel = node.exchange(request, (settlement) => {
    record.settlements.push(settlement);
    record.settledAt.push(clock.now());
  });
  if (random.next() >= 0.03) return;
  clock.schedule(random.next() * record.deadlineMs, () => {
    record.cancelled = record.settledAt.length === 0;
    cancel();
  });
}

function publish(options: CallerOptions): void {
  const { node, process } = options;
  const { record, request } = begin(options, 'publish');
  node.publish(request, ({ instances }) => {
    record.settlements.push(...instances.map((at) => settlementAt(at, record.id)));
    record.settledAt.push(process.runtime.clock.now());
  });
}

function settlementAt({ service, node, outcome, code, reason = '' }: PublishedAt, id: MessageId): Settlement {
  const instance = { service, node };
  return { outcome, id, instance, code, reason, params: {}, bodyKind: 'none', body: noBytes, tried: [], elapsedMs: 0 };
}

function openStream({ history, at, node, process, random, services }: CallerOptions): void {
  const number = history.streams.size + 1;
  const side = streamSideRecord(at);
  const { clock } = process.runtime;
  const deadlineMs = random.next() < 0.5 ? 2_000 : 5_000;
  const record: StreamRecord = {
    number,
    startedAt: clock.now(),
    deadlineMs,
    opener: side,
    acceptors: [],
    accepted: false,
  };
  history.streams.set(number, record);
  const bytesTotal = Math.floor(600_000 * random.next() ** 6);
  const bytesBack = Math.floor(600_000 * random.next() ** 6);
  const late: { stream: ReturnType<FogataNode['open']> | undefined } = { stream: undefined };
  const stream = () => (late.stream?.ok === true ? late.stream.stream : undefined);
  const script = createStreamScript({ record: side, number, sends: 'forth', bytesTotal, stream });
  const service = pick(random, services);
  const body = new TextEncoder().encode(String(bytesBack));
  late.stream = node.open(
    {
      to: { service, node: '' },
      command: `stream-${number}`,
      params: {},
      bodyKind: 'bytes',
      body,
      idempotent: false,
      deadlineMs,
      fromService: '',
      avoid: [],
    },
    {
      ...script.events,
      onReady: () => script.pump(),
      onAccept() {
        if (record.accepted) side.faults.push('a second accept');
        record.accepted = true;
      },
    },
  );
  if (!late.stream.ok) {
    side.brokenOff = true;
    return;
  }
  if (random.next() >= 0.1) return;
  clock.schedule(random.next() * 500, () => {
    if (side.finished > 0 || side.resets.length > 0) return;
    side.brokenOff = true;
    stream()?.reset('cancelled', 'the opener has changed its mind');
  });
}
