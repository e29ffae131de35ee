import { once } from 'node:events';
import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { httpTarget } from '../../src/agent/http-target.ts';
import { createProxy, proxyServerOptions } from '../../src/agent/proxy.ts';
import { targetLocation } from '../../src/agent/target-location.ts';
import { systemClock } from '../../src/runtime/system-clock.ts';
import { type FakeMesh, fakeMesh } from './fake-mesh.ts';

/** A program that serves, and the fake node it runs on. */
export interface BedProgram {
  readonly server: Server;
  readonly port: number;
  readonly loads: number[];
  readonly refusals: () => number;
  /** As kill -9: every connection breaks, new ones are refused. */
  kill(): Promise<void>;
}

/** A proxy and programs, joined by a fake mesh; all sockets are real, on loopback. */
export interface ProxyBed {
  readonly mesh: FakeMesh;
  readonly port: number;
  readonly server: Server;
  addProgram(service: string, node: string, listener: RequestListener, basePath?: string): Promise<BedProgram>;
  close(): Promise<void>;
}

export async function proxyBed(options: { readonly poisons: boolean } = { poisons: true }): Promise<ProxyBed> {
  const mesh = fakeMesh(options);
  const proxy = createProxy({
    node: mesh.node,
    clock: systemClock(),
    local: (request, response) => void response.end(`local ${request.url ?? ''}`),
    localUpgrade: () => false,
    accept: (connection) => void server.emit('connection', connection),
  });
  const server = createServer(proxyServerOptions);
  server.maxHeadersCount = 0;
  server.on('request', proxy.request);
  server.on('checkContinue', proxy.checkContinue);
  server.on('checkExpectation', proxy.checkExpectation);
  server.on('upgrade', proxy.upgrade);
  server.on('connect', proxy.connect);
  server.on('clientError', proxy.clientError);
  const port = await listen(server);
  const closers: (() => Promise<void>)[] = [() => stop(server)];
  return {
    mesh,
    port,
    server,
    async addProgram(service, node, listener, basePath = '') {
      const program = createServer(listener);
      const programPort = await listen(program);
      const loads: number[] = [];
      let refusals = 0;
      const target = httpTarget({
        location: targetLocation(`http://127.0.0.1:${programPort}${basePath}`),
        deliverTo: 'command',
        onLoad: (load) => void loads.push(load),
        onRefused: () => void (refusals += 1),
      });
      const list = mesh.instances.get(service) ?? [];
      mesh.instances.set(service, [...list, { node, provider: target }]);
      const kill = (): Promise<void> => stop(program);
      closers.push(kill, async () => target.close());
      return { server: program, port: programPort, loads, refusals: () => refusals, kill };
    },
    async close() {
      for (const close of closers) await close();
    },
  };
}

export async function listen(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

async function stop(server: Server): Promise<void> {
  if (!server.listening) return;
  const closed = once(server, 'close');
  server.close();
  server.closeAllConnections();
  await closed;
}

/** The whole of a body. */
export async function textOf(message: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of message) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('latin1');
}

/** A client that says exactly what it is told to. */
export async function rawClient(port: number, text: string): Promise<Socket> {
  const socket = connect({ host: '127.0.0.1', port, allowHalfOpen: true });
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  socket.write(text, 'latin1');
  return socket;
}

/** Everything until the other side ends. */
export async function rest(socket: Socket): Promise<string> {
  let text = '';
  socket.setEncoding('latin1');
  socket.on('data', (part: string) => (text += part));
  await Promise.race([once(socket, 'end'), once(socket, 'close')]);
  socket.end();
  return text;
}

/** What has come once it matches. */
export async function until(socket: Socket, pattern: RegExp): Promise<string> {
  let text = '';
  return new Promise((resolve, reject) => {
    const take = (part: Buffer): void => {
      text += part.toString('latin1');
      if (!pattern.test(text)) return;
      socket.off('data', take);
      resolve(text);
    };
    socket.on('data', take);
    socket.on('close', () => reject(new Error(`closed after: ${text}`)));
  });
}
