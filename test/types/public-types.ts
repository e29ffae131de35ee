// Never run: `tsc` checks it. What a reader of the README may write compiles; what would be a mistake does not.
import type { Duplex } from 'node:stream';
import {
  answered,
  type CommandTable,
  connect,
  type ErrorCode,
  type FogataError,
  type Handler,
  type IncomingStream,
  join,
  type Mesh,
  type Outcome,
} from 'fogata';

type Same<A, B> = [A] extends [B] ? ([B] extends [A] ? true : false) : false;

function same<A, B>(_same: Same<A, B>): void {}

/** Outcomes narrow by their word. */
export function narrows(outcome: Outcome): string {
  switch (outcome.outcome) {
    case 'answered':
      return outcome.reply.params['a'] ?? outcome.instance.node;
    case 'delivered':
      return outcome.instance.service;
    case 'stored':
      return outcome.id;
    case 'expired':
    case 'refused':
    case 'unknown':
      same<typeof outcome.code, ErrorCode>(true);
      return outcome.retryable ? 'again' : outcome.reason;
  }
}

/** Only `answered` has a reply. */
export function hasNoReply(outcome: Outcome): void {
  // @ts-expect-error: not every outcome has one
  void outcome.reply;
}

/** What the caller expects of a reply travels with the type. */
export async function expectsBody(mesh: Mesh): Promise<number> {
  const outcome = await mesh.call<{ balance: number }>('billing', 'balance', { params: { account: '7' } });
  const { body, params } = answered(outcome);
  same<typeof body, { balance: number }>(true);
  same<typeof params, Readonly<Record<string, string>>>(true);
  return body.balance;
}

/** In a table the message is typed, and a handler may return a reply, nothing, or a promise of either. */
export const table: CommandTable = {
  PING: ({ params }) => ({ params: { who: params['who'] ?? 'nobody' } }),
  later: async ({ signal, deadlineMs }) => {
    same<typeof signal, AbortSignal>(true);
    same<typeof deadlineMs, number>(true);
  },
  bytes: () => ({ body: new Uint8Array([1]) }),
  '*': () => undefined,
};

// @ts-expect-error: a reply is {params, body}
export const bare: Handler = () => 'pong';

// @ts-expect-error: values of parameters are text
export const numbers: Handler = () => ({ params: { n: 1 } });

export async function serves(mesh: Mesh): Promise<void> {
  await using registration = await mesh.serve('crm', table, { weight: 50, labels: { zone: 'a' } });
  registration.setLoad(0.5);
  registration.setState('down');
  // @ts-expect-error: draining is what withdraw() does
  registration.setState('draining');
  // @ts-expect-error: a service has a name and a handler
  await mesh.serve('crm');
}

/** A channel is a Duplex; what was said in its accept comes with it. */
export async function opens(mesh: Mesh): Promise<void> {
  const channel = await mesh.open('files', 'get', { params: { name: 'a' } });
  same<typeof channel.params, Readonly<Record<string, string>>>(true);
  const duplex: Duplex = channel;
  void duplex;
  await mesh.serve(
    'files',
    {},
    { onStream: { get: (stream) => void stream.accept({ params: { bytes: '1' } }).end('x') } },
  );
  // A stream is accepted before it carries bytes.
  same<Extract<keyof IncomingStream, 'write'>, never>(true);
}

export async function watches(mesh: Mesh, signal: AbortSignal): Promise<void> {
  for await (const event of mesh.watch({ signal })) {
    if (event.type === 'node-joined') void event.node.foundBy;
    if (event.type === 'instance-up') void event.instance.load;
    // @ts-expect-error: `ready` says nothing more
    if (event.type === 'ready') void event.node;
  }
}

/** Both ways in are the same interface. */
export async function places(): Promise<void> {
  await using node = await join({ name: 'erp1', cluster: 'office', seeds: ['db1:7472'] });
  await using program = await connect('http://127.0.0.1:7471');
  await using other = await connect({ agent: '/run/fogata/agent.sock', program: 'erp' });
  const all: readonly Mesh[] = [node, program, other];
  void all;
  // @ts-expect-error: no such option
  await join({ nmae: 'erp1' });
}

export function codes(error: FogataError): ErrorCode {
  // @ts-expect-error: the set of codes is closed
  void (error.code === 'oops');
  return error.code;
}
