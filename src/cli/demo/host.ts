import type { Child, Children } from './children.ts';
import { freePort } from './free-port.ts';

/** One "host" of the demo: an agent and a plain HTTP program, each a process of its own. */
export interface Host {
  readonly name: string;
  /** What runs there, for people. */
  readonly program: string;
  /** The agent's HTTP port. */
  readonly httpPort: number;
  readonly socket: string;
  readonly agent: Child | undefined;
  readonly server: Child | undefined;
  startAgent(): void;
  /** Resolves when the program listens. */
  startServer(): Promise<void>;
  /** Both, as a power cut would. */
  killAll(): void;
}

export interface HostOptions {
  readonly name: string;
  readonly program: string;
  /** Undefined: its program serves nobody. */
  readonly service: string | undefined;
  readonly cluster: string;
  readonly directory: string;
  readonly children: Children;
}

export async function createHost(options: HostOptions): Promise<Host> {
  const { name, children } = options;
  const [httpPort, nodePort, serverPort] = await Promise.all([freePort(), freePort(), freePort()]);
  const socket = `${options.directory}/${name}.sock`;
  let agent: Child | undefined;
  let server: Child | undefined;
  const places = ['--socket', socket, '--data', `${options.directory}/${name}`];
  const ports = ['--port', String(nodePort), '--http', String(httpPort), '--dns', 'off'];
  const served = options.service === undefined ? [] : ['--serve', `${options.service}=http://127.0.0.1:${serverPort}`];
  const agentArgs = ['up', '--name', name, '--cluster', options.cluster, ...ports, ...places, ...served];
  return {
    name,
    program: options.program,
    httpPort,
    socket,
    get agent() {
      return agent;
    },
    get server() {
      return server;
    },
    startAgent() {
      agent = children.start(`${name}'s agent`, '../main', agentArgs);
    },
    startServer: () =>
      new Promise((resolve, reject) => {
        const started = children.start(name, 'http-program', [name, String(serverPort)], () => resolve());
        server = started;
        void started.gone.then(() => reject(new Error(`${name} did not start: ${started.errorText}`)));
      }),
    killAll() {
      server?.kill('SIGKILL');
      agent?.kill('SIGKILL');
    },
  };
}
