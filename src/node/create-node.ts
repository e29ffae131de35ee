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
  const scope = options.open ? 'open' : 'loopback';
  const envelope = openEnvelope(options.cluster);
  const parts: { node: Assembly | undefined } = { node: undefined };
  const door = createDatagramDoor(envelope, {
    onPacket: (packet, from) => parts.node?.control.packet(packet, from),
    onBeacon: (payload, from) => parts.node?.discovery.takeAnswer(payload, from),
  });
  const port = await openNodePort(runtime, scope, options.port, {
    onDatagram: (bytes, from) => door.onDatagram(bytes, from),
    onStream(stream) {
      if (parts.node !== undefined) parts.node.links.accept(stream);
      else stream.destroy();
    },
  });
  const node = assemble({ options, runtime, identity, scope, envelope, port });
  parts.node = node;
  node.control.settle();
  node.ownRecord.start();
  node.addresses.start((addresses) => {
    node.control.setAddresses(addresses);
    node.discovery.announce();
  });
  void node.discovery.start();
  return createLiveNode({ ...node, options, runtime, identity, scope, port, ignored: door.ignored });
}
