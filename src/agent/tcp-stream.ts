import { connect } from 'node:net';
import { tcpCommand } from '../api/tcp-command.ts';
import type { AcceptedStream, StreamEvents, StreamHead } from '../delivery/mesh-stream.ts';
import type { ByteSlots } from './byte-sink.ts';
import { byteTunnel, type TunnelEvents } from './byte-tunnel.ts';
import { programError } from './program-error.ts';

export interface TcpStreamContext {
  readonly location: { readonly host: string; readonly port: number };
  readonly onRefused: () => void;
  readonly slots: ByteSlots;
}

const accepted: StreamHead = { params: {}, bodyKind: 'none', body: new Uint8Array(0) };

/** Joins a stream and a new connection to the program; the stream is accepted once that is there. */
export function connectToProgram(context: TcpStreamContext, stream: AcceptedStream): StreamEvents {
  const { location, onRefused, slots } = context;
  const { host, port } = location;
  const isTcp = stream.head.command === tcpCommand;
  let tunnel: TunnelEvents | undefined;
  let isEnded = false;
  const socket = isTcp ? connect({ host, port, allowHalfOpen: true, noDelay: true }) : undefined;
  if (socket === undefined) {
    const { service, command } = stream.head;
    stream.reset('unknown-command', `${service} takes connections ("${tcpCommand}") and no ${command}`);
  }
  socket?.on('error', (error) => {
    // Once it is connected the tunnel hears of the end.
    if (tunnel !== undefined) return;
    const { code, reason, isRefused } = programError(error, false);
    if (isRefused) onRefused();
    stream.reset(code, reason);
  });
  socket?.once('connect', () => {
    stream.accept(accepted);
    tunnel = byteTunnel(socket, stream, slots, []);
    if (isEnded) tunnel.onEnd();
  });
  return {
    onReady() {},
    onAccept() {},
    onData: (bytes) => tunnel?.onData(bytes),
    onDrain: () => tunnel?.onDrain(),
    onEnd() {
      isEnded = true;
      tunnel?.onEnd();
    },
    onFinish: () => tunnel?.onFinish(),
    onReset(code, reason) {
      if (tunnel === undefined) socket?.destroy();
      else tunnel.onReset(code, reason);
    },
  };
}
