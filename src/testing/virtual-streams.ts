import type { SocketAddress } from '../protocol/socket-address.ts';
import type {
  ByteStream,
  ListenAddress,
  SecureDial,
  SecureListen,
  StreamAddress,
  StreamListener,
  Streams,
} from '../runtime/streams.ts';
import { systemError } from '../runtime/system-error.ts';
import { type Acceptor, Dial } from './dial.ts';
import { type Bound, createPortTable, type PortTable, receiverOf } from './port-table.ts';
import type { Simulation } from './simulation.ts';
import { byteStream, StreamEnd } from './stream-end.ts';
import { type HostState, type Path, senderAddress, type Topology } from './topology.ts';
import { type KernelResource, type ProcessState, whileAlive } from './virtual-process.ts';

/** What resolving "nobody has this address" takes: three questions, a second apart. */
const neighbourTimeoutMs = 3_000;

type StreamTaker = Acceptor['onStream'];

/** A listener that takes connections for a process. */
interface ListenerState extends Acceptor, Bound, KernelResource {
  open: boolean;
}

interface HostTable {
  readonly ports: PortTable<ListenerState>;
  /** Unix sockets by path. One whose listener is no longer open is a stale file. */
  readonly paths: Map<string, ListenerState>;
}

export interface StreamNetwork {
  forProcess(process: ProcessState): Streams;
}

/** TCP between virtual hosts, and Unix sockets within them. */
export function createStreamNetwork(simulation: Simulation, topology: Topology): StreamNetwork {
  const tables: HostTable[] = [];

  function tableOf(host: HostState): HostTable {
    let table = tables[host.number];
    if (table === undefined) {
      table = { ports: createPortTable<ListenerState>(), paths: new Map() };
      tables[host.number] = table;
    }
    return table;
  }

  function listen(
    process: ProcessState,
    where: ListenAddress,
    onStream: StreamTaker,
    secure: SecureListen | undefined,
  ): StreamListener {
    if ('path' in where || 'address' in where) return listenAt(process, where, onStream, secure);
    const first = listenAt(process, { address: '0.0.0.0', port: where.port }, onStream, secure);
    const { port } = 'port' in first.local ? first.local : where;
    try {
      const second = listenAt(process, { address: '::', port }, onStream, secure);
      return { local: second.local, close: () => [first, second].forEach((one) => one.close()) };
    } catch (error) {
      first.close();
      throw error;
    }
  }

  function listenAt(
    process: ProcessState,
    where: StreamAddress,
    onStream: StreamTaker,
    secure: SecureListen | undefined,
  ): StreamListener {
    const { ports, paths } = tableOf(process.host);
    if ('path' in where) {
      if (paths.get(where.path)?.open === true) throw systemError('EADDRINUSE', `listen ${where.path}`);
      const listener = createListener(process, where.path, { onStream, secure }, () => undefined);
      paths.set(where.path, listener);
      return { local: where, close: () => close(listener, () => paths.delete(where.path)) };
    }
    const port = ports.choose(where.port);
    const refusal = ports.refusal(process.host, { address: where.address, shared: false }, port);
    if (refusal !== undefined) throw systemError(refusal, `listen ${where.address}:${where.port}`);
    const unbind = (): void => ports.remove(port, listener);
    const listener = createListener(process, where.address, { onStream, secure }, unbind);
    ports.add(port, listener);
    return { local: { address: where.address, port }, close: () => close(listener, unbind) };
  }

  function dialPort(
    end: StreamEnd,
    path: Path,
    to: SocketAddress,
    { fromPort, secure }: { readonly fromPort: number; readonly secure: SecureDial | undefined },
  ): void {
    const ipv6 = to.address.includes(':');
    const remote = { address: senderAddress(path, ipv6, to.address), port: fromPort };
    new Dial(simulation, topology, {
      end,
      path,
      remote,
      secure,
      findListener: () => receiverOf(tableOf(path.to.host).ports.at(to.port), to.address),
    }).begin();
  }

  function connect(process: ProcessState, where: StreamAddress, secure: SecureDial | undefined): ByteStream {
    const { host } = process;
    const route = topology.route(host, 'path' in where ? '127.0.0.1' : where.address);
    const [loopback] = host.interfaces;
    const from = route?.from ?? loopback;
    if (from === undefined) throw new Error('a host has a loopback interface');
    const path: Path = { from, to: route?.to ?? from };
    const end = new StreamEnd(simulation, topology, process, path, 'path' in where);
    const failAfter = (delayMs: number, code: string): void => {
      const what = 'path' in where ? where.path : `${where.address}:${where.port}`;
      simulation.after(delayMs, process, () => end.fail(systemError(code, `connect ${what}`)));
    };
    if ('path' in where) {
      const listener = tableOf(host).paths.get(where.path);
      if (listener === undefined) failAfter(0, 'ENOENT');
      else {
        const findListener = () => openOnly(listener);
        new Dial(simulation, topology, { end, path, remote: where, secure, findListener }).begin();
      }
    } else if (!(where.port >= 1 && where.port <= 65_535)) {
      failAfter(0, 'ERR_SOCKET_BAD_PORT');
    } else if (route === undefined) {
      failAfter(0, 'ENETUNREACH');
    } else if (route.to === undefined) {
      failAfter(neighbourTimeoutMs, 'EHOSTUNREACH');
    } else {
      dialPort(end, path, where, { fromPort: tableOf(host).ports.choose(0), secure });
    }
    return byteStream(end, where);
  }

  return {
    forProcess: (process) => ({
      listen: (where, onStream, secure) => whileAlive(process, () => listen(process, where, onStream, secure)),
      connect: (where, secure) => connect(process, where, secure),
    }),
  };
}

function openOnly(listener: ListenerState): ListenerState | undefined {
  return listener.open ? listener : undefined;
}

/** `unbind` frees the port when the process ends; the file of a Unix socket stays, stale. */
function createListener(
  process: ProcessState,
  address: string,
  taker: Pick<Acceptor, 'onStream' | 'secure'>,
  unbind: () => void,
): ListenerState {
  const listener: ListenerState = {
    address,
    shared: false,
    process,
    ...taker,
    waiting: 0,
    open: true,
    processEnded() {
      listener.open = false;
      unbind();
    },
  };
  process.resources.add(listener);
  return listener;
}

function close(listener: ListenerState, unbind: () => void): void {
  if (!listener.open) return;
  listener.open = false;
  listener.process.resources.delete(listener);
  unbind();
}
