/**
 * `fogata/testing`: a network of hosts on virtual time. Programs written over the runtime's ports run in it unmodified,
 * and a run that fails is a seed that fails again.
 */

export type { FogataNode } from '../node/node.ts';
export type { Clock, Timer } from '../runtime/clock.ts';
export type { DatagramOptions, DatagramSocket, Datagrams } from '../runtime/datagrams.ts';
export type { Interfaces, NetworkInterface } from '../runtime/interfaces.ts';
export type { Log, LogFields } from '../runtime/log.ts';
export type { Random } from '../runtime/random.ts';
export type { Resolver } from '../runtime/resolver.ts';
export type { Runtime } from '../runtime/runtime.ts';
export type { Storage } from '../runtime/storage.ts';
export type { ByteStream, StreamAddress, StreamEvents, StreamListener, Streams } from '../runtime/streams.ts';
export { checkViews } from './check-views.ts';
export { type Conditions, lanConditions, wanConditions, wifiConditions } from './conditions.ts';
export { type Fault, type FaultKind, faultKinds } from './fault-plan.ts';
export type { Segment, SegmentOptions } from './segment.ts';
export { convergeMaxMs, type SeedOptions, type SeedResult, simulateSeed } from './simulate-seed.ts';
export {
  createVirtualCluster,
  type VirtualCluster,
  type VirtualClusterOptions,
} from './virtual-cluster.ts';
export type { DiskFailure } from './virtual-disk.ts';
export type { StartOptions, VirtualHost, VirtualProcess } from './virtual-host.ts';
export type { VirtualNode } from './virtual-node.ts';
export { createVirtualRandom, type VirtualRandom } from './virtual-random.ts';
export {
  createWorld,
  type HostOptions,
  type Partition,
  type PartitionOptions,
  type World,
  type WorldOptions,
} from './world.ts';
