import type { MeshEvent } from '../api/mesh-event.ts';
import type { MeshPort } from '../api/mesh-port.ts';
import type { ResolveView } from '../api/resolve-view.ts';
import type { NodesView, ServicesView } from '../api/views.ts';
import type { LinkLoss } from '../links/frame-link.ts';
import { FrameKind } from '../protocol/frame.ts';
import type { ReceivedFrame } from '../protocol/received-frame.ts';
import type { Log } from '../runtime/log.ts';
import { AgentExchanges } from './agent-exchanges.ts';
import { AgentLink, type AgentLinkTools, type Dial } from './agent-link.ts';
import { AgentRequests } from './agent-requests.ts';
import { AgentServices } from './agent-services.ts';
import { AgentStreams } from './agent-streams.ts';
import type { AgentFacts } from './direct-mesh.ts';
import { resolveRequestOf } from './resolve-request-of.ts';
import { watchView } from './watch-view.ts';

export interface AgentPortTools extends AgentLinkTools {
  readonly log: Log;
}

/** A program's place in the cluster, through the agent at the other end of `dial`. */
export interface AgentPort extends MeshPort {
  /** Resolves with `undefined` once the agent is reached, or with why it is not: then no other attempt follows. */
  reach(): Promise<LinkLoss | undefined>;
  status(): Promise<AgentFacts>;
}

interface Watch {
  begin(): void;
  end(): void;
}

export function agentPort(dial: Dial, tools: AgentPortTools): AgentPort {
  let self = { id: '', name: '', cluster: '' };
  const watches = new Set<Watch>();
  const link = new AgentLink(dial, tools, {
    onUp(agent) {
      self = { id: agent.node, name: agent.nodeName, cluster: agent.clusterName };
      // Requests first: those under way are asked again before services add theirs.
      requests.onUp();
      services.onUp();
      for (const each of watches) each.begin();
      exchanges.onUp();
      streams.onUp();
    },
    onFrame,
    onDrain: () => streams.onDrain(),
    onDown(loss) {
      tools.log.debug('the link to the agent is lost', { loss });
      requests.onDown();
      services.onDown();
      exchanges.onDown();
      streams.onDown(loss);
    },
  });
  const requests = new AgentRequests(link, tools.clock);
  const services = new AgentServices(link, requests, tools);
  const exchanges = new AgentExchanges(link, tools);
  const providerOf = (service: string) => services.providerOf(service);
  const streams = new AgentStreams({ link, clock: tools.clock, log: tools.log, providerOf });

  function onFrame(frame: ReceivedFrame): string | undefined {
    if (frame.kind === FrameKind.decision) exchanges.onDecision(frame);
    else if (frame.kind === FrameKind.reply) exchanges.onReply(frame);
    else if (frame.kind === FrameKind.delivered) return exchanges.onDelivered(frame);
    else if (frame.kind === FrameKind.alike) return exchanges.onAlike(frame);
    else if (frame.kind === FrameKind.message) services.onMessage(frame);
    else if (frame.kind === FrameKind.cancel) services.onCancel(frame);
    else if (frame.kind === FrameKind.response) requests.onResponse(frame);
    else if (frame.kind === FrameKind.event && frame.correlation === 0) services.onMissed(frame);
    else if (frame.kind === FrameKind.event) requests.onEvent(frame);
    else if (frame.kind >= FrameKind.open && frame.kind <= FrameKind.reset) return streams.onFrame(frame);
    return undefined;
  }

  function watch(listener: (event: MeshEvent) => void): () => void {
    const entry = createWatch(requests, listener);
    watches.add(entry);
    if (link.isUp) entry.begin();
    return () => {
      watches.delete(entry);
      entry.end();
    };
  }

  return {
    reach: () => link.open(),
    status: () => requests.request({ op: 'status' }) as Promise<AgentFacts>,
    get self() {
      return self;
    },
    exchange: (request, settle) => exchanges.exchange(request, settle),
    publish: (request, settle) => exchanges.publish(request, settle),
    open: (request, events) => streams.open(request, events),
    provide: (service, provider, options) => services.provide(service, provider, options),
    watch,
    nodes: () => requests.request({ op: 'nodes' }) as Promise<NodesView>,
    services: () => requests.request({ op: 'services' }) as Promise<ServicesView>,
    resolve: (to, wish) => requests.request(resolveRequestOf(to, wish)) as Promise<ResolveView>,
    async stop(graceMs) {
      await Promise.all([services.close(graceMs), settled(exchanges.idle(), graceMs, tools)]);
      streams.close();
      exchanges.close();
      requests.close();
      await link.close();
    },
  };
}

function createWatch(requests: AgentRequests, listener: (event: MeshEvent) => void): Watch {
  const view = watchView();
  let end = (): void => {};
  return {
    begin() {
      view.restart();
      // The agent and this library are of one version of the contract; what else comes is not of it.
      end = requests.subscribe({ op: 'watch' }, (event) => view.take(event as MeshEvent, listener));
    },
    end: () => end(),
  };
}

/** Resolves when `idle` does, or after `withinMs`. */
function settled(idle: Promise<void>, withinMs: number, { clock }: AgentPortTools): Promise<void> {
  return new Promise((resolve) => {
    const timer = clock.schedule(withinMs, resolve);
    void idle.then(() => {
      timer.cancel();
      resolve();
    });
  });
}
