import { FrameKind } from '../protocol/frame.ts';
import { createFrameParser } from '../protocol/frame-parser.ts';
import type { NodeId } from '../protocol/ids.ts';
import type { Clock } from '../runtime/clock.ts';
import type { ByteStream } from '../runtime/streams.ts';
import { type Invitations, inviteIdentityPrefix } from './invitations.ts';
import { decodeKeyRequest, encodeKeyReply, type KeyReply, keyFrame, ringView } from './key-frame.ts';
import type { KeyRing } from './key-ring.ts';
import { encodeRing } from './ring-file.ts';

/** Who was invited asks at once, and reads at once. */
const exchangeTimeoutMs = 5_000;

export interface HandOutOptions {
  readonly clock: Clock;
  readonly ring: KeyRing;
  readonly invitations: Invitations;
  /** How the inviter is found again. */
  readonly self: { readonly node: NodeId; readonly name: string; readonly port: number };
  readonly onHandedOut: (invitation: string) => void;
}

/**
 * [K8] The inviter's end of a link on which somebody has proved to be invited: one question is answered, and that is all.
 * `identity` is the one that was proved.
 */
export function handOutRing(stream: ByteStream, identity: string, options: HandOutOptions): void {
  const id = identity.slice(inviteIdentityPrefix.length);
  const parser = createFrameParser();
  const timer = options.clock.schedule(exchangeTimeoutMs, () => stream.destroy());
  let asked = false;

  async function answer(question: Uint8Array): Promise<void> {
    const request = decodeKeyRequest(question, options.ring.state.cluster);
    const reply = request?.op === 'ring' ? await give() : refusal('only the ring is to be had with an invitation');
    stream.write(keyFrame(FrameKind.keyReply, encodeKeyReply(reply)));
    stream.end();
  }

  async function give(): Promise<KeyReply> {
    if (!(await options.invitations.take(id))) return refusal('this invitation is used up or has expired');
    const { state } = options.ring;
    options.onHandedOut(id);
    return { ok: true, ring: ringView(state), invited: { file: encodeRing(state), ...options.self }, away: [] };
  }

  stream.start({
    onConnect() {},
    onDrain() {},
    onData(bytes) {
      const fault = parser.push(bytes, (frame) => {
        if (asked) return;
        asked = true;
        if (frame.kind !== FrameKind.key) stream.destroy();
        else answer(frame.bytes.slice(frame.start, frame.end)).catch(() => stream.destroy());
      });
      if (fault !== undefined) stream.destroy();
    },
    onEnd: () => stream.end(),
    onClose: () => timer.cancel(),
  });
}

function refusal(reason: string): KeyReply {
  return { ok: false, reason };
}
