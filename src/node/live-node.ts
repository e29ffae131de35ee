import type { DiscoveryView, InstanceView, Posture } from '../api/views.ts';
import { wasNotExecuted } from '../delivery/exchange.ts';
import { beginHedged } from '../delivery/hedged-exchange.ts';
import type { StreamEvents } from '../delivery/mesh-stream.ts';
import { createPublisher } from '../delivery/publish-exchange.ts';
import { streamKindOf } from '../delivery/stream-receiver.ts';
import type { StreamRequest } from '../delivery/streams.ts';
import { formatAddress } from '../protocol/address.ts';
import type { ErrorCode } from '../protocol/error-code.ts';
import { FogataError } from '../protocol/fogata-error.ts';
import type { NodeId } from '../protocol/ids.ts';
import { servicesMax } from '../protocol/limits.ts';
import { checkName, isReservedName } from '../protocol/names.ts';
import type { Runtime } from '../runtime/runtime.ts';
import { askAgent } from './ask-agent.ts';
import type { Assembly } from './assemble-node.ts';
import { discoveryView } from './discovery-view.ts';
import type { FogataNode, NodeStatus, OpenRequest, OpenResult } from './node.ts';
import type { NodeIdentity } from './node-identity.ts';
import type { NodeOptions } from './node-options.ts';
import type { NodePort } from './node-port.ts';
import type { NodeTrust } from './node-trust.ts';

export interface LiveNodeParts extends Assembly {
  readonly options: NodeOptions;
  readonly runtime: Runtime;
  readonly identity: NodeIdentity;
  readonly posture: Posture;
  readonly trust: NodeTrust | undefined;
  readonly port: NodePort;
  readonly ignored: Readonly<Record<string, number>>;
}

/** After the goodbye the sockets stay open this long, so that it gets out. */
const goodbyeMs = 50;

/** The parts of a node as one thing to use. */
export function createLiveNode(parts: LiveNodeParts): FogataNode {
  const { options, runtime, identity, posture, port, control, data, provisions, views, watchers, chooser } = parts;
  const startedAt = runtime.clock.now();
  const { clock } = runtime;
  const { exchanges, newMessageId, newIdBytes } = data;
  const publish = createPublisher({ clock, exchanges, chooser, newMessageId, newIdBytes, selfName: options.name });
  let stopping: Promise<void> | undefined;

  async function stop(graceMs: number): Promise<void> {
    await provisions.withdrawAll(graceMs);
    control.leave();
    parts.peerMemory.stop();
    await parts.discovery.stop({ goodbye: true });
    parts.ownRecord.stop();
    parts.addresses.stop();
    parts.watchLinks.stop();
    parts.partitions.stop();
    data.stop();
    parts.keyring?.stop();
    parts.links.close();
    control.stop();
    await new Promise<void>((resolve) => void runtime.clock.schedule(goodbyeMs, resolve));
    port.close();
  }

  return {
    id: identity.id,
    name: options.name,
    cluster: options.cluster,
    posture,
    keys: parts.keyring?.keyring,
    local: port.local,
    exchange: (request, settle) => {
      if (request.hedge === undefined) return data.exchanges.begin(request, undefined, settle);
      const id = request.id ?? data.newMessageId();
      const tools = { clock: runtime.clock, exchanges: data.exchanges, chooser };
      return beginHedged(tools, { ...request, id }, request.hedge.afterMs, settle);
    },
    publish,
    open: (request, events) => open(parts, request, events),
    provide(service, provider, provideOptions) {
      const wrong = checkName(service);
      if (wrong !== undefined) throw new FogataError('invalid', wrong);
      if (isReservedName(service) && provideOptions.isUnlisted !== true) {
        throw new FogataError('invalid', `${JSON.stringify(service)} is a name of the mesh's own: take another`);
      }
      if (stopping !== undefined) throw new FogataError('closed', 'this node is closing');
      const names = new Set(provisions.summaries().map((summary) => summary.service));
      if (!names.has(service) && names.size >= servicesMax) {
        throw new FogataError('too-large', `a node serves at most ${servicesMax} services`);
      }
      return provisions.provide(service, provider, provideOptions);
    },
    askAgent: (node, request, settle) => askAgent(parts, node, request, settle),
    served: () => provisions.summaries(),
    health: () => provisions.health(),
    setRule: (service, rule) => provisions.setRule(service, rule),
    watch: (listener) => watchers.add(listener),
    nodesView: () => ({
      ...views.nodes(),
      partitions: parts.partitions.current().map(views.partition),
      discovery: discoveryViewOf(parts),
      detection: control.detection(),
    }),
    servicesView: () => views.services(),
    names: parts.names,
    resolve(service): readonly InstanceView[] {
      return chooser.ranked(service).map(({ node, entry }) => views.instance(node, service, entry));
    },
    explain: (to, wish) => ({ address: formatAddress(to), ...chooser.explain(to, wish) }),
    setStrategies: (strategies) => chooser.setStrategies(strategies),
    mayTryElsewhere: (to, kind, tried) => chooser.mayTryElsewhere(to, kind, tried),
    status: () => statusOf(parts, runtime.clock.now() - startedAt),
    stop(graceMs) {
      stopping ??= stop(graceMs);
      return stopping;
    },
  };
}

function discoveryViewOf({ control: { membership }, discovery }: LiveNodeParts): DiscoveryView {
  return discoveryView({ status: discovery.status(), self: membership.self(), members: membership.members() });
}

function open({ chooser, data, runtime }: LiveNodeParts, request: OpenRequest, events: StreamEvents): OpenResult {
  const { to } = request;
  const asked = streamRequestOf(request);
  let avoided: ReadonlySet<NodeId> = nobody;
  let last: { readonly code: ErrorCode; readonly reason: string } | undefined;
  for (;;) {
    const chosen = pickAvoiding(chooser, request, avoided);
    if (chosen === undefined) {
      const why = () => chooser.whyNone(to, streamKindOf(request.command));
      const { code, reason } = last ?? { code: 'no-instance', reason: why() };
      return { ok: false, code, reason };
    }
    const opening = data.streams.open(chosen, asked, events);
    if (opening.ok) {
      return { ok: true, stream: opening.stream, instance: { service: to.service, node: chosen.name } };
    }
    last = opening;
    if (!wasNotExecuted(opening.code)) return { ok: false, code: opening.code, reason: opening.reason };
    if (opening.code === 'unreachable') chosen.track.hear(runtime.clock.now(), 0, 'unreachable');
    avoided = new Set([...avoided, chosen.node]);
  }
}

const nobody: ReadonlySet<NodeId> = new Set();

/** Written out: each proxied request opens one, and what is spread costs more than all the rest here. */
function streamRequestOf(request: OpenRequest): StreamRequest {
  return {
    service: request.to.service,
    nodePart: request.to.node,
    command: request.command,
    params: request.params,
    bodyKind: request.bodyKind,
    body: request.body,
    idempotent: request.idempotent,
    deadlineMs: request.deadlineMs,
    fromService: request.fromService,
    again: request.avoid.length > 0,
    isEnded: request.isEnded,
  };
}

/** Those tried before are avoided while there is another instance, `avoided` always. */
function pickAvoiding(
  chooser: LiveNodeParts['chooser'],
  { to, command, avoid: names, wish }: OpenRequest,
  avoided: ReadonlySet<NodeId>,
) {
  const kind = streamKindOf(command);
  if (names.length === 0) return chooser.choose(to, kind, avoided, wish);
  const all = new Set(avoided);
  for (;;) {
    const chosen = chooser.choose(to, kind, all, wish);
    if (chosen === undefined) break;
    if (!names.includes(chosen.name)) return chosen;
    all.add(chosen.node);
  }
  return chooser.choose(to, kind, avoided, wish);
}

function statusOf(parts: LiveNodeParts, uptimeMs: number): NodeStatus {
  const { options, identity, posture, port, data, links, discovery, control, ignored } = parts;
  const counters: Record<string, number> = {
    retries: data.exchanges.retries(),
    strayReplies: data.exchanges.strayReplies(),
    sendErrors: port.sendErrors,
  };
  if (parts.trust !== undefined) counters['refusedLinks'] = parts.trust.refusedLinks;
  for (const [reason, count] of Object.entries(ignored)) counters[`ignored.${reason}`] = count;
  for (const [name, count] of Object.entries<number>({ ...control.membership.counts() }))
    counters[`members.${name}`] = count;
  return {
    id: identity.id,
    name: options.name,
    cluster: options.cluster,
    incarnation: control.membership.self().incarnation,
    posture,
    port: port.port,
    uptimeMs,
    links: links.count(),
    exchangesInFlight: data.exchanges.inFlight(),
    streamsOpen: data.streams.count(),
    viewDigest: control.membership.viewDigest().toString(16).padStart(8, '0'),
    counters,
    load: { host: parts.ownRecord.hostLoad() ?? null, terms: parts.runtime.hostLoad.terms() },
    discovery: discovery.status(),
  };
}
