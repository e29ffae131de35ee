import { Agent } from 'node:http';
import type { Provider } from '../delivery/provider.ts';
import { httpCommand } from '../delivery/stream-receiver.ts';
import { byteSlots } from './byte-sink.ts';
import { openToProgram } from './program-stream.ts';
import { targetConnections } from './target-connections.ts';
import type { TargetContext } from './target-context.ts';
import { deliverToProgram } from './target-delivery.ts';
import { connectToProgram } from './tcp-stream.ts';

export type HttpTargetOptions = Omit<TargetContext, 'agent' | 'connections' | 'slots'>;

/** A provider, and what is to be closed when it is withdrawn. */
export interface HttpTarget extends Provider {
  readonly open: NonNullable<Provider['open']>;
  /** Closes idle connections; those in use end with their work. */
  close(): void;
}

/** As many requests at once as a link has streams. */
const socketsMax = 16_384;

const idleSocketsMax = 256;

/** Less than any usual server's keep-alive time: an idle connection is closed by this side, where no request is lost. */
const idleMsMax = 1_500;

/** A plain HTTP program of this host as a provider: streams as they are, messages as POST. */
export function httpTarget(options: HttpTargetOptions): HttpTarget {
  const agent = new Agent({
    keepAlive: true,
    maxSockets: socketsMax,
    maxFreeSockets: idleSocketsMax,
    scheduling: 'lifo',
    timeout: idleMsMax,
  });
  const connections = targetConnections(options.location);
  const context: TargetContext = { ...options, agent, connections, slots: byteSlots() };
  return {
    open: (stream) =>
      stream.head.command === httpCommand ? openToProgram(context, stream) : connectToProgram(context, stream),
    deliver: (delivery, respond) => deliverToProgram(context, delivery, respond),
    close() {
      agent.destroy();
      connections.close();
    },
  };
}
