import type { Hello } from '../protocol/hello.ts';
import type { SocketAddress } from '../protocol/socket-address.ts';
import type { ByteStream } from '../runtime/streams.ts';

/** By which address and which key a link was made. */
export interface LinkWay {
  readonly at: SocketAddress;
  readonly identity: string | undefined;
}

/** Where an accepted peer can be dialled: the address it came from and the port it says it listens on. */
export function remoteOf(stream: ByteStream, hello: Hello): SocketAddress {
  const remote = stream.remote;
  return { address: 'address' in remote ? remote.address : '', port: hello.nodePort };
}
