import type { SocketAddress } from '../protocol/socket-address.ts';
import type { DatagramOptions, DatagramSocket, Datagrams } from '../runtime/datagrams.ts';
import { systemError } from '../runtime/system-error.ts';
import { type BytePool, createBytePool } from './byte-pool.ts';
import { createDatagramCarrier, type DatagramCarrier } from './datagram-carrier.ts';
import { createTargets, findInterface, type Targets } from './datagram-target.ts';
import { type Bound, createPortTable, isWildcard, type PortTable, receiverOf } from './port-table.ts';
import type { Simulation } from './simulation.ts';
import { type HostState, hasFamily, type InterfaceState, type Path, senderAddress, type Topology } from './topology.ts';
import { type KernelResource, type ProcessState, whileAlive } from './virtual-process.ts';

/** What UDP over IPv4 can carry at most. */
const payloadBytesMax = 65_507;

/** What Linux keeps for a socket whose process does not read (`net.core.rmem_default`). */
const receiveBufferBytes = 212_992;

interface SocketState extends Bound, KernelResource {
  readonly process: ProcessState;
  readonly options: DatagramOptions;
  readonly port: number;
  readonly ipv6: boolean;
  readonly wildcard: boolean;
  readonly targets: Targets;
  /** Memberships as `group%interface`. */
  readonly groups: Set<string>;
  waitingBytes: number;
  open: boolean;
}

/** A datagram on its way. */
interface Packet {
  readonly port: number;
  readonly fromPort: number;
  readonly ipv6: boolean;
  /** `undefined`: multicast or broadcast. */
  readonly unicastTo: string | undefined;
}

/** UDP between virtual hosts, with Linux's rules of who hears what. */
export class DatagramNetwork {
  private readonly simulation: Simulation;
  private readonly topology: Topology;
  private readonly carrier: DatagramCarrier;
  private readonly pool: BytePool = createBytePool();
  private readonly tables: PortTable<SocketState>[] = [];
  /** Interfaces on which a group is heard, with the number of sockets: the kernel takes in what any of its sockets has joined. */
  private readonly members = new Map<string, Map<InterfaceState, number>>();

  constructor(simulation: Simulation, topology: Topology) {
    this.simulation = simulation;
    this.topology = topology;
    this.carrier = createDatagramCarrier(simulation, topology);
  }

  forProcess(process: ProcessState): Datagrams {
    return { open: (options) => whileAlive(process, () => this.open(process, options)) };
  }

  private open(process: ProcessState, options: DatagramOptions): DatagramSocket {
    const table = this.tableOf(process.host);
    const port = table.choose(options.port);
    const refusal = table.refusal(process.host, options, port) ?? refuseSettings(process.host, options);
    if (refusal !== undefined) throw systemError(refusal, `bind ${options.address}:${options.port}`);
    const { address, broadcast, multicastInterface } = options;
    const ipv6 = address.includes(':');
    const sender = { host: process.host, localAddress: address, broadcast, multicastInterface, ipv6 };
    const socket: SocketState = {
      address,
      shared: options.shared,
      process,
      options,
      port,
      ipv6,
      wildcard: isWildcard(address),
      targets: createTargets(this.topology, sender),
      groups: new Set(),
      waitingBytes: 0,
      open: true,
      processEnded: () => this.close(socket),
    };
    table.add(port, socket);
    process.resources.add(socket);
    return {
      local: { address: options.address, port },
      send: (bytes, to) => this.send(socket, bytes, to),
      joinGroup: (group, interfaceAddress) => this.join(socket, group, interfaceAddress),
      leaveGroup: (group, interfaceAddress) => this.leave(socket, group, interfaceAddress),
      close: () => this.close(socket),
    };
  }

  private send(socket: SocketState, bytes: Uint8Array, to: SocketAddress): void {
    if (!socket.open) return;
    const code = this.transmit(socket, bytes, to);
    if (code === undefined) return;
    this.simulation.after(0, socket.process, () => {
      if (socket.open) socket.options.onError(systemError(code, `send to ${to.address}:${to.port}`));
    });
  }

  /** Returns the code of an error. */
  private transmit(socket: SocketState, bytes: Uint8Array, to: SocketAddress): string | undefined {
    if (!(to.port >= 1 && to.port <= 65_535)) return 'ERR_SOCKET_BAD_PORT';
    if (bytes.length > payloadBytesMax) return 'EMSGSIZE';
    const target = socket.targets.find(to.address);
    if (typeof target === 'string') return target;
    const unicastTo = target.kind === 'one' ? to.address : undefined;
    const packet: Packet = { port: to.port, fromPort: socket.port, ipv6: socket.ipv6, unicastTo };
    const onArrival = (path: Path, arrived: Uint8Array): void => this.arrive(path, packet, arrived);
    if (target.kind === 'one') {
      if (target.path !== undefined) this.carrier.carry(target.path, bytes, onArrival);
      return undefined;
    }
    const heardBy = target.group === undefined ? undefined : this.members.get(target.group);
    for (const path of target.paths) {
      if (target.group === undefined || heardBy?.has(path.to) === true) this.carrier.carry(path, bytes, onArrival);
    }
    return undefined;
  }

  private arrive(path: Path, packet: Packet, bytes: Uint8Array): void {
    const sockets = this.tableOf(path.to.host).at(packet.port);
    const { ipv6, unicastTo } = packet;
    const from = { address: senderAddress(path, ipv6, unicastTo), port: packet.fromPort };
    if (unicastTo !== undefined) {
      const receiver = receiverOf(sockets, unicastTo);
      if (receiver !== undefined) this.deliver(receiver, bytes, from);
      return;
    }
    // Every socket of the port hears it, also one that has joined on another interface or not at all: so does Linux.
    const isOnly = sockets.length === 1;
    for (const socket of sockets) {
      if (socket.ipv6 === ipv6 && socket.wildcard) this.deliver(socket, isOnly ? bytes : this.pool.copy(bytes), from);
    }
  }

  private deliver(socket: SocketState, bytes: Uint8Array, from: SocketAddress): void {
    if (socket.process.frozen && socket.waitingBytes + bytes.length > receiveBufferBytes) return;
    if (!socket.process.frozen) {
      if (!socket.process.alive || !socket.open) return;
      this.simulation.programRan();
      socket.options.onDatagram(bytes, from);
      return;
    }
    socket.waitingBytes += bytes.length;
    this.simulation.call(socket.process, () => {
      socket.waitingBytes -= bytes.length;
      if (socket.open) socket.options.onDatagram(bytes, from);
    });
  }

  private join(socket: SocketState, group: string, interfaceAddress: string): void {
    const one = findInterface(socket.process.host, interfaceAddress);
    if (one === undefined || !hasFamily(one, socket.ipv6) || !socket.open)
      throw systemError('ENODEV', `join ${group} on ${interfaceAddress}`);
    const membership = `${group}%${one.name}`;
    if (socket.groups.has(membership)) return;
    socket.groups.add(membership);
    this.countMember(socket, membership, 1);
  }

  private leave(socket: SocketState, group: string, interfaceAddress: string): void {
    const one = findInterface(socket.process.host, interfaceAddress);
    const membership = `${group}%${one?.name}`;
    if (socket.groups.delete(membership)) this.countMember(socket, membership, -1);
  }

  private countMember(socket: SocketState, membership: string, change: 1 | -1): void {
    const [group = '', name] = membership.split('%');
    const one = socket.process.host.interfaces.find((other) => other.name === name);
    if (one === undefined) return;
    const interfaces = this.members.get(group) ?? new Map<InterfaceState, number>();
    this.members.set(group, interfaces);
    const count = (interfaces.get(one) ?? 0) + change;
    if (count > 0) interfaces.set(one, count);
    else interfaces.delete(one);
  }

  private close(socket: SocketState): void {
    if (!socket.open) return;
    socket.open = false;
    for (const membership of socket.groups) this.countMember(socket, membership, -1);
    this.tableOf(socket.process.host).remove(socket.port, socket);
    socket.process.resources.delete(socket);
  }

  private tableOf(host: HostState): PortTable<SocketState> {
    let table = this.tables[host.number];
    if (table === undefined) {
      table = createPortTable<SocketState>();
      this.tables[host.number] = table;
    }
    return table;
  }
}

function refuseSettings(host: HostState, options: DatagramOptions): string | undefined {
  const { multicastInterface } = options;
  if (multicastInterface === undefined || findInterface(host, multicastInterface) !== undefined) return undefined;
  return 'EADDRNOTAVAIL';
}
