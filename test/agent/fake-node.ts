import type { MeshEvent } from '../../src/api/mesh-event.ts';
import type { ExchangeRequest } from '../../src/delivery/exchange-request.ts';
import type { WorkingState } from '../../src/delivery/flap-damping.ts';
import type { ProvideOptions, Provider, ProvisionHealth } from '../../src/delivery/provider.ts';
import type { ServiceRule } from '../../src/delivery/provisions.ts';
import type { PublishSettlement } from '../../src/delivery/publish-settlement.ts';
import type { Settlement } from '../../src/delivery/settlement.ts';
import type { FogataNode } from '../../src/node/node.ts';
import { formatAddress } from '../../src/protocol/address.ts';
import type { MessageId, NodeId } from '../../src/protocol/ids.ts';

/** A service that was offered to a fake node. */
export interface FakeProvision {
  readonly service: string;
  readonly provider: Provider;
  readonly options: ProvideOptions;
  state: WorkingState;
  note: string;
  load: number | undefined;
  withdrawn: boolean;
}

interface Waiting<Settled> {
  readonly request: ExchangeRequest;
  readonly settle: (settled: Settled) => void;
  cancelled: boolean;
}

/** A node of one, which a test plays: it sees what was asked for and settles it when it likes. */
export interface FakeNode extends FogataNode {
  readonly exchanges: Waiting<Settlement>[];
  readonly publishes: Waiting<PublishSettlement>[];
  readonly provisions: FakeProvision[];
  readonly rules: Map<string, ServiceRule>;
  readonly listeners: Set<(event: MeshEvent) => void>;
  stopped: boolean;
}

export const fakeMessageId = '000102030405060708090a0b0c0d0e0f' as MessageId;

const noBytes = new Uint8Array(0);

/** Refused for want of an instance, unless `fields` say otherwise. */
export function fakeSettlement(fields: Partial<Settlement> = {}): Settlement {
  return {
    outcome: 'refused',
    id: fakeMessageId,
    instance: undefined,
    code: 'no-instance',
    reason: 'nobody serves it',
    params: {},
    bodyKind: 'none',
    body: noBytes,
    tried: [],
    elapsedMs: 1.5,
    ...fields,
  };
}

/** A settlement with an answer of `crm` on `db1`. */
export function fakeAnswer(text: string): Settlement {
  const instance = { service: 'crm', node: 'db1' };
  const body = new TextEncoder().encode(text);
  return fakeSettlement({ outcome: 'answered', code: undefined, reason: '', instance, bodyKind: 'text', body });
}

/** An exchange for a service that is provided here goes to it; all others wait in `exchanges`. */
export function createFakeNode(): FakeNode {
  const exchanges: Waiting<Settlement>[] = [];
  const publishes: Waiting<PublishSettlement>[] = [];
  const provisions: FakeProvision[] = [];
  const rules = new Map<string, ServiceRule>();
  const listeners = new Set<(event: MeshEvent) => void>();
  const id = '0123456789abcdef' as NodeId;

  function wait<Settled>(list: Waiting<Settled>[], request: ExchangeRequest, settle: (settled: Settled) => void) {
    const waiting: Waiting<Settled> = { request, settle, cancelled: false };
    list.push(waiting);
    return waiting;
  }

  return {
    exchanges,
    publishes,
    provisions,
    listeners,
    stopped: false,
    id,
    name: 'hq',
    cluster: 'fogata',
    posture: 'loopback',
    keys: undefined,
    local: { address: '127.0.0.1', port: 7472 },
    exchange(request, settle) {
      const here = provisions.find(({ service, withdrawn }) => service === request.to.service && !withdrawn);
      if (here !== undefined) return deliverHere(here, request, settle);
      const waiting = wait(exchanges, request, settle);
      return () => {
        waiting.cancelled = true;
        settle(fakeSettlement({ code: 'cancelled', reason: 'given up' }));
      };
    },
    publish(request, settle) {
      const waiting = wait(publishes, request, settle);
      return () => {
        waiting.cancelled = true;
      };
    },
    open: () => ({ ok: false, code: 'no-instance', reason: 'nobody serves it' }),
    explain: (to, wish) => ({
      address: formatAddress(to),
      ...{ strategy: wish?.strategy ?? 'best', chosen: null, drawn: [], candidates: [], candidateCount: 0 },
    }),
    setStrategies() {},
    mayTryElsewhere: () => false,
    provide(service, provider, options) {
      const fresh = { state: options.state ?? 'up', note: '', load: undefined, withdrawn: false };
      const provision: FakeProvision = { service, provider, options, ...fresh };
      const say = (state: WorkingState, note = ''): void => void Object.assign(provision, { state, note });
      provisions.push(provision);
      return {
        service,
        setLoad: (load) => void (provision.load = load),
        setState: say,
        heartbeat: say,
        health: () => fakeHealth(provision),
        withdraw() {
          provision.withdrawn = true;
          return Promise.resolve();
        },
      };
    },
    health: () => provisions.map(fakeHealth),
    served: () => [],
    askAgent(_node, request, settle) {
      const waiting = wait(exchanges, { ...request, to: { service: 'fogata.agent', node: '' } }, settle);
      return () => void (waiting.cancelled = true);
    },
    setRule: (service, rule) => void (rule === undefined ? rules.delete(service) : rules.set(service, rule)),
    rules,
    watch(listener) {
      listeners.add(listener);
      listener({ type: 'ready' });
      return () => void listeners.delete(listener);
    },
    ...fakeViews(id, exchanges),
    stop() {
      this.stopped = true;
      return Promise.resolve();
    },
  };
}

function fakeHealth({ service, provider, state, note }: FakeProvision): ProvisionHealth {
  return {
    service,
    provider,
    state,
    said: state,
    since: 0,
    note,
    heldMs: undefined,
    heartbeatDueMs: undefined,
    inFlight: 0,
  };
}

type Views = Pick<FogataNode, 'nodesView' | 'servicesView' | 'names' | 'resolve' | 'status'>;

/** One instance of crm, on db1. */
function fakeViews(id: NodeId, exchanges: readonly unknown[]): Views {
  return {
    nodesView: () => ({ cluster: 'fogata', self: id, posture: 'loopback', nodes: [] }),
    servicesView: () => ({ services: [] }),
    names: { places: () => [], node: () => undefined, services: () => [], nodes: () => [] },
    resolve: (service) => (service === 'crm' ? [{ node: 'db1', state: 'up', load: 0.5, weight: 100, labels: {} }] : []),
    status: () => ({
      id,
      name: 'hq',
      cluster: 'fogata',
      incarnation: 7,
      posture: 'loopback',
      port: 7472,
      uptimeMs: 5,
      links: 0,
      exchangesInFlight: exchanges.length,
      streamsOpen: 0,
      viewDigest: '00000000',
      counters: {},
      load: { host: null, terms: [] },
      discovery: {
        seeking: false,
        listeners: [],
        beacons: [],
        seeds: [],
        remembered: { peers: 0, state: 'working', lastError: undefined, since: 0 },
        mdns: undefined,
        answers: { sent: 0, heard: 0 },
        copies: [],
        ignored: {},
      },
    }),
  };
}

function deliverHere(
  here: FakeProvision,
  request: ExchangeRequest,
  settle: (settlement: Settlement) => void,
): () => void {
  const { to, command, params, bodyKind, body, fromService, replyWanted, idempotent, deadlineMs } = request;
  const messageId = request.id ?? fakeMessageId;
  const head = { id: messageId, bodyKind, attempt: 0, ...to, command, fromService, fromNode: 'hq', params };
  return here.provider.deliver({ head, body, replyWanted, idempotent, deadlineMs }, (reply) =>
    settle(fakeSettlement({ ...reply, id: messageId, instance: { service: to.service, node: 'hq' } })),
  );
}
