import { hostname } from 'node:os';
import { logOf } from '../api/log-of.ts';
import type { Mesh } from '../api/mesh.ts';
import { detectWithinMsMax, detectWithinMsMin } from '../membership/derive-timing.ts';
import { FogataError } from '../protocol/fogata-error.ts';
import { beaconPort, nameBytesMax, nodePortDefault } from '../protocol/limits.ts';
import { checkName } from '../protocol/names.ts';
import { type HostPort, parseHost, parseHostPort } from '../protocol/socket-address.ts';
import type { Log } from '../runtime/log.ts';
import { memoryStorage } from '../runtime/memory-storage.ts';
import type { Storage } from '../runtime/storage.ts';
import { systemRuntime } from '../runtime/system-runtime.ts';
import { systemStorage } from '../runtime/system-storage.ts';
import { type KeyRing, openKeyRing } from '../trust/key-ring.ts';
import { createNode } from './create-node.ts';
import { meshOfNode } from './mesh-of-node.ts';
import type { AdvertisedAddress, NodeOptions } from './node-options.ts';

export interface JoinOptions {
  /** Shown to people, and the NODE of `crm@NODE`: unique in the cluster. Default: host name and process id. */
  readonly name?: string;
  /** Nodes of other clusters are not heard. Default `fogata`. */
  readonly cluster?: string;
  /** Speak on the LAN without a key: everybody there can read and forge. Default false: on this host only. */
  readonly open?: boolean;
  /** First node port to try, UDP and TCP; the next 99 follow. Default 7472. */
  readonly port?: number;
  /** UDP port of beacons: the same in the whole cluster. Default 7470. */
  readonly beaconPort?: number;
  /**
   * Within this a host that falls silent is to be known as dead, in milliseconds (500 to 60,000). Timers follow from it and from
   * measured round trips and loss; where it cannot be met the log says what can. Default: about 2 s.
   */
  readonly detectWithinMs?: number;
  /** Nodes to ask where beacons do not reach: `HOST`, `HOST:PORT`. Default none. */
  readonly seeds?: readonly string[];
  /** Addresses by which others reach this process where it does not know them (NAT): `HOST`, `HOST:PORT`. Default none. */
  readonly advertise?: readonly string[];
  /**
   * A directory for what makes this the same node after a restart. Default none: a new one each time. Where it holds a key
   * (`fogata join TOKEN --data DIRECTORY`), the node speaks on the LAN, sealed, and `open` says nothing.
   */
  readonly data?: string;
  /** Default: says nothing. */
  readonly log?: Log;
}

/** Makes this process a node of the cluster. It keeps the process alive until `close()`. */
export async function join(options: JoinOptions = {}): Promise<Mesh> {
  const nodeOptions = nodeOptionsOf(options);
  const log = logOf(options.log);
  const storage = options.data === undefined ? memoryStorage() : systemStorage(options.data);
  const runtime = systemRuntime({ storage, log });
  const keyRing = await keyRingOf(storage);
  const keyed: NodeOptions =
    keyRing === undefined
      ? nodeOptions
      : { ...nodeOptions, keyRing, cluster: options.cluster ?? keyRing.state.cluster, timing: 'lan' };
  return meshOfNode(await createNode(keyed, runtime), runtime);
}

async function keyRingOf(storage: Storage): Promise<KeyRing | undefined> {
  try {
    return await openKeyRing(storage);
  } catch (error) {
    if (error instanceof FogataError) throw error;
    throw new FogataError('storage', `data: ${FogataError.from(error).message}`, { cause: error });
  }
}

/** Throws FogataError `invalid`, naming the option and the rule. */
export function nodeOptionsOf(options: JoinOptions): NodeOptions {
  const open = options.open === true;
  return {
    name: named('name', options.name ?? nameOfProcess(hostname(), process.pid)),
    cluster: named('cluster', options.cluster ?? 'fogata'),
    id: undefined,
    open,
    port: portOf('port', options.port ?? nodePortDefault),
    beaconPort: portOf('beaconPort', options.beaconPort ?? beaconPort),
    seeds: listOf('seeds', options.seeds).map(seedOf),
    advertise: listOf('advertise', options.advertise).map(advertisedOf),
    timing: open ? 'lan' : 'local',
    detectWithinMs: goalOf(options.detectWithinMs),
  };
}

/** `host-1234`: several processes of one host differ, and people can find both. Always a name [N7]. */
export function nameOfProcess(host: string, pid: number): string {
  const label = host.split('.')[0]?.toLowerCase() ?? '';
  const room = nameBytesMax - `-${pid}`.length;
  const cleaned = label
    .replace(/[^a-z0-9-]/g, '-')
    .replace(/^-+/, '')
    .slice(0, room)
    .replace(/-+$/, '');
  return `${cleaned === '' ? 'node' : cleaned}-${pid}`;
}

function named(option: string, name: string): string {
  const wrong = typeof name === 'string' ? checkName(name) : 'a name is a text';
  if (wrong !== undefined) throw new FogataError('invalid', `${option}: ${wrong}`);
  return name;
}

function goalOf(ms: number | undefined): number | undefined {
  if (ms === undefined || (typeof ms === 'number' && ms >= detectWithinMsMin && ms <= detectWithinMsMax)) return ms;
  throw new FogataError('invalid', `detectWithinMs is ${detectWithinMsMin} to ${detectWithinMsMax}, not ${ms}`);
}

function portOf(option: string, port: number): number {
  if (Number.isInteger(port) && port >= 1 && port <= 65_535) return port;
  throw new FogataError('invalid', `${option} is a port from 1 to 65535, not ${port}`);
}

function listOf(option: string, list: readonly string[] = []): readonly string[] {
  const isList: boolean = Array.isArray(list);
  if (isList) return list;
  throw new FogataError('invalid', `${option} is a list, such as ["db1"], not ${JSON.stringify(list)}`);
}

function seedOf(text: string): HostPort {
  const where = typeof text === 'string' ? parseHostPort(text, nodePortDefault) : undefined;
  return where ?? noHost('seeds', text);
}

function advertisedOf(text: string): AdvertisedAddress {
  const where = typeof text === 'string' ? parseHost(text) : undefined;
  return where ?? noHost('advertise', text);
}

function noHost(option: string, text: unknown): never {
  throw new FogataError('invalid', `${option}: expected HOST or HOST:PORT, found ${JSON.stringify(text)}`);
}
