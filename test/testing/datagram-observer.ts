import type { DatagramOptions, DatagramSocket } from '../../src/runtime/datagrams.ts';
import { systemErrorCode } from '../../src/runtime/system-error.ts';
import type { VirtualProcess } from '../../src/testing/virtual-host.ts';

/** A datagram socket with all that it heard. */
export interface ObservedSocket {
  readonly socket: DatagramSocket;
  /** `text from address:port`. */
  readonly heard: string[];
  /** Codes of errors. */
  readonly errors: (string | undefined)[];
  /** Sends text. */
  say(text: string, address: string, port: number): void;
}

/** Opens a socket on every IPv4 address of the host, shared, and allowed to broadcast, unless `options` say otherwise. */
export async function observeSocket(
  process: VirtualProcess,
  options: Partial<DatagramOptions> = {},
): Promise<ObservedSocket> {
  const heard: string[] = [];
  const errors: (string | undefined)[] = [];
  const socket = await process.runtime.datagrams.open({
    address: '0.0.0.0',
    port: 0,
    shared: true,
    broadcast: true,
    multicastInterface: undefined,
    onDatagram: (bytes, from) => heard.push(`${new TextDecoder().decode(bytes)} from ${from.address}:${from.port}`),
    onError: (error) => errors.push(systemErrorCode(error)),
    ...options,
  });
  return {
    socket,
    heard,
    errors,
    say: (text, address, port) => socket.send(new TextEncoder().encode(text), { address, port }),
  };
}
