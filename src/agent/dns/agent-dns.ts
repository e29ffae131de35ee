import type { FogataNode } from '../../node/node.ts';
import { FogataError } from '../../protocol/fogata-error.ts';
import { canonicalIp } from '../../protocol/ip-address.ts';
import { formatSocketAddress, type HostPort, type SocketAddress } from '../../protocol/socket-address.ts';
import type { Runtime } from '../../runtime/runtime.ts';
import { systemErrorCode } from '../../runtime/system-error.ts';
import { type DnsFace, openDnsFace } from './dns-face.ts';
import type { Zone } from './zone-answer.ts';

/** Where DNS is answered. */
export interface DnsChoice extends HostPort {
  /** Somebody asked for it: without it the agent does not start. Else it does, and says so. */
  readonly required: boolean;
}

export interface AgentDnsOptions {
  readonly runtime: Runtime;
  /** Undefined: it was not wanted. */
  readonly choice: DnsChoice | undefined;
  /** Undefined: the agent takes no HTTP. */
  readonly http: HostPort | undefined;
}

/** The DNS port of an agent, taken before there is a node to answer from. */
export interface AgentDns {
  /** `127.0.0.1:7473`; undefined: none. */
  readonly at: string | undefined;
  /** Until then it says that it cannot say (SERVFAIL). */
  answerFor(node: FogataNode): void;
  close(): void;
}

/**
 * Takes the port, on 127.0.0.1 and on ::1 where no address was given. Throws FogataError `address-in-use` or `config` where
 * it was asked for and cannot be had.
 */
export async function openAgentDns({ runtime, choice, http }: AgentDnsOptions): Promise<AgentDns> {
  const faces: DnsFace[] = [];
  const known: { names: Zone['names'] } = { names: undefined };
  const source: Zone = {
    get names() {
      return known.names;
    },
    agentHttp: loopbacksOf(http).slice(0, 1),
    random: () => runtime.random.next(),
  };
  let at: string | undefined;
  for (const where of loopbacksOf(choice)) {
    try {
      faces.push(await openDnsFace(runtime, where, source));
      at ??= formatSocketAddress(where);
    } catch (error) {
      // The second address is for hosts that have it: many have no IPv6.
      if (at !== undefined) runtime.log.debug('no DNS there', { at: formatSocketAddress(where), error });
      else if (choice?.required === true) throw openFailure(where, error);
      else runtime.log.warn('no DNS: its port cannot be had', { at: formatSocketAddress(where), error });
    }
    if (at === undefined) break;
  }
  return {
    at,
    answerFor: (node) => void (known.names = node.names),
    close() {
      for (const face of faces) face.close();
    },
  };
}

/** A name such as `localhost` stands for both. */
function loopbacksOf(where: HostPort | undefined): SocketAddress[] {
  if (where === undefined) return [];
  const address = canonicalIp(where.host);
  return (address === undefined ? ['127.0.0.1', '::1'] : [address]).map((one) => ({ address: one, port: where.port }));
}

function openFailure(where: SocketAddress, error: unknown): FogataError {
  const place = formatSocketAddress(where);
  const options = { cause: error };
  switch (systemErrorCode(error)) {
    case 'EADDRINUSE':
      return new FogataError(
        'address-in-use',
        `${place}: the DNS port is in use, perhaps by another agent; give another --dns PORT, or --dns off`,
        options,
      );
    case 'EACCES':
      return new FogataError(
        'config',
        `${place}: no permission to listen there; give a --dns PORT above 1023`,
        options,
      );
    default:
      return new FogataError(
        'config',
        `${place}: DNS cannot be answered there: ${error instanceof Error ? error.message : String(error)}`,
        options,
      );
  }
}
