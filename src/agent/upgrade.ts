import { type IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { OpenedStream } from '../delivery/mesh-stream.ts';
import type { ServingInstance } from './attempt-owner.ts';
import type { ByteSlots } from './byte-sink.ts';
import { byteTunnel } from './byte-tunnel.ts';
import type { ResponseHead } from './http-head.ts';
import type { SwitchedEvents } from './proxy-exchange.ts';
import { answerHeaders } from './response-out.ts';

/** How long a client may take to leave once it has its answer. */
const lingerMs = 2_000;

/** Bytes a client may send before its upgrade is answered: it should send none. */
const earlyBytesMax = 65_536;

/** A connection that Node has handed over because its client wants to switch protocols. */
export interface UpgradeConnection {
  /** For every answer but a 101; the connection ends with it. */
  readonly response: ServerResponse;
  switchTo(head: ResponseHead, instance: ServingInstance, stream: OpenedStream): SwitchedEvents;
}

/**
 * To be called at once in the 'upgrade' event. `onGone` is told when the client leaves before it has an answer. Undefined: an
 * answer to a request before it is still under way, which the connection ends with.
 */
export function upgradeConnection(
  request: IncomingMessage,
  socket: Socket,
  first: Uint8Array,
  slots: ByteSlots,
  onGone: () => void,
): UpgradeConnection | undefined {
  // Before anything else: an 'error' nobody listens to ends the process.
  socket.on('error', () => undefined);
  const response = new ServerResponse(request);
  response.on('error', () => undefined);
  response.shouldKeepAlive = false;
  try {
    response.assignSocket(socket);
  } catch {
    socket.destroy();
    return undefined;
  }
  response.on('finish', () => {
    response.detachSocket(socket);
    socket.end();
    socket.resume();
    socket.setTimeout(lingerMs, () => socket.destroy());
  });

  // Read, so that its end is seen.
  const early: Uint8Array[] = first.length > 0 ? [first] : [];
  let earlyBytes = first.length;
  const keep = (bytes: Uint8Array): void => {
    early.push(bytes);
    earlyBytes += bytes.length;
    if (earlyBytes > earlyBytesMax) socket.pause();
  };
  socket.on('data', keep);
  socket.on('end', onGone);
  return {
    response,
    switchTo(head, instance, stream) {
      socket.off('data', keep);
      socket.off('end', onGone);
      response.detachSocket(socket);
      socket.write(switchingHead(request, head, instance), 'latin1');
      const tunnel = byteTunnel(socket, stream, slots, early);
      socket.resume();
      return { ...tunnel, onBroken: tunnel.onReset };
    },
  };
}

function switchingHead(request: IncomingMessage, head: ResponseHead, instance: ServingInstance): string {
  const headers = answerHeaders(head, instance, '');
  const protocol = request.headers.upgrade ?? '';
  const lines = [`HTTP/1.1 101 ${head.reason === '' ? 'Switching Protocols' : head.reason}`];
  for (let at = 0; at + 1 < headers.length; at += 2) {
    lines.push(`${headers[at] as string}: ${headers[at + 1] as string}`);
  }
  lines.push('connection: Upgrade', `upgrade: ${protocol}`, '', '');
  return lines.join('\r\n');
}
