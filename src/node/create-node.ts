import { FogataError } from '../protocol/fogata-error.ts';
import { checkName } from '../protocol/names.ts';
import type { Runtime } from '../runtime/runtime.ts';
import { type Assembly, assemble } from './assemble-node.ts';
import { createDatagramDoor, openEnvelope } from './datagram-door.ts';
import { createLiveNode } from './live-node.ts';
import type { FogataNode } from './node.ts';
import { loadIdentity } from './node-identity.ts';
import type { NodeOptions } from './node-options.ts';
import { openNodePort } from './node-port.ts';
import { createNodeTrust } from './node-trust.ts';

/**
 * Starts a node: takes its port, begins to look for others, and is a member of what it finds. Rejects with `invalid` for a
 * bad name, `address-in-use` when no port is free.
 */
export async function createNode(options: NodeOptions, runtime: Runtime): Promise<FogataNode> {
  for (const name of [options.name, options.cluster]) {
    const wrong = checkName(name);
    if (wrong !== undefined) throw new FogataError('invalid', wrong);
  }
  const identity = await loadIdentity(runtime, options.id);
  const { keyRing, cluster } = options;
  const trust = keyRing === undefined ? undefined : await createNodeTrust(keyRing, cluster, identity, runtime);
  const posture = trust === undefined ? (options.open ? 'open' : 'loopback') : 'sealed';
  const scope = posture === 'loopback' ? 'loopback' : 'open';
  const envelope = trust?.envelope ?? openEnvelope(cluster);
  const parts: { node: Assembly | undefined } = { node: undefined };
  const door = createDatagramDoor(envelope, {
    onPacket: (packet, from) => parts.node?.control.packet(packet, from),
    onBeacon: (payload, from) => parts.node?.discovery.takeAnswer(payload, from),
  });
  const port = await openNodePort(runtime, scope, options.port, {
    onDatagram: (bytes, from) => door.onDatagram(bytes, from),
    onStream(stream, proved) {
      if (trust?.takeGuest(stream, proved, { name: options.name, port: port.port }) === true) return;
      if (parts.node !== undefined) parts.node.links.accept(stream, proved);
      else stream.destroy();
    },
    secure: trust?.listen,
  });
  try {
    const node = assemble({ options, runtime, identity, posture, scope, envelope, trust, port });
    parts.node = node;
    begin(node);
    return createLiveNode({ ...node, options, runtime, identity, posture, trust, port, ignored: door.ignored });
  } catch (error) {
    // Nobody else could give the port back.
    port.close();
    parts.node?.ownRecord.stop();
    parts.node?.addresses.stop();
    throw error;
  }
}

function begin({ control, ownRecord, addresses, discovery }: Assembly): void {
  control.settle();
  ownRecord.start();
  addresses.start((changed) => {
    control.setAddresses(changed);
    discovery.announce();
  });
  void discovery.start();
}
