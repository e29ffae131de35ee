import { FogataError } from '../protocol/fogata-error.ts';
import { FrameKind } from '../protocol/frame.ts';
import { createFrameParser } from '../protocol/frame-parser.ts';
import { formatSocketAddress, type SocketAddress } from '../protocol/socket-address.ts';
import type { Runtime } from '../runtime/runtime.ts';
import type { ByteStream } from '../runtime/streams.ts';
import { inviteSecret } from './derive.ts';
import { inviteIdentityPrefix } from './invitations.ts';
import { decodeKeyReply, encodeKeyRequest, type Invited, type KeyReply, keyFrame } from './key-frame.ts';
import { decodeRing } from './ring-file.ts';
import type { RingState } from './ring-state.ts';
import type { Token } from './token.ts';

/** For each address: a host that is there answers in milliseconds. */
const attemptTimeoutMs = 4_000;

/** A ring, and where it was had from. */
export interface GivenRing {
  readonly state: RingState;
  readonly inviter: { readonly node: string; readonly name: string; readonly address: SocketAddress };
}

/**
 * [K8] Asks the inviter for the ring, at one address after the other. Rejects with `unreachable` when nobody is there and
 * `not-allowed` when the invitation is not, or no longer, known.
 */
export async function askForRing(
  token: Token,
  { clock, streams }: Pick<Runtime, 'clock' | 'streams'>,
): Promise<GivenRing> {
  const secure = {
    identity: inviteIdentityPrefix + token.invitation,
    psk: inviteSecret(token.secret, token.cluster),
  };
  const failures: string[] = [];
  for (const address of token.addresses) {
    const answer = await ask(streams.connect(address, secure), clock);
    if (typeof answer === 'string') failures.push(`${formatSocketAddress(address)}: ${answer}`);
    else if (!answer.ok) throw new FogataError('not-allowed', answer.reason);
    else return givenBy(answer.invited, address, token.cluster);
  }
  if (failures.some((text) => text.includes('another key'))) {
    const age = token.expiresAt <= clock.wallTime() ? 'it has expired' : 'it is used up, or its node has lost it';
    throw new FogataError('not-allowed', `the invitation is not known any more: ${age}; ask for a new token`);
  }
  throw new FogataError(
    'unreachable',
    `the inviter is not reached: ${failures.join('; ') || 'the token names no address'}`,
  );
}

function givenBy(invited: Invited | undefined, address: SocketAddress, cluster: string): GivenRing {
  const state = invited === undefined ? undefined : decodeRing(invited.file);
  if (invited === undefined || state === undefined || state.cluster !== cluster) {
    throw new FogataError('protocol', 'the inviter gave no ring of this cluster');
  }
  return { state, inviter: { node: invited.node, name: invited.name, address } };
}

/** A text says what went wrong on the way. */
function ask(stream: ByteStream, clock: Runtime['clock']): Promise<KeyReply | string> {
  return new Promise((resolve) => {
    const parser = createFrameParser();
    const timer = clock.schedule(attemptTimeoutMs, () => {
      resolve(`no answer within ${attemptTimeoutMs / 1_000} s`);
      stream.destroy();
    });
    stream.start({
      onConnect() {},
      onDrain() {},
      onData(bytes) {
        const fault = parser.push(bytes, (frame) => {
          const reply =
            frame.kind === FrameKind.keyReply
              ? decodeKeyReply(frame.bytes.subarray(frame.start, frame.end))
              : undefined;
          resolve(reply ?? 'what answers there is no node');
          stream.end();
        });
        if (fault !== undefined) stream.destroy();
      },
      onEnd: () => stream.end(),
      onClose(error) {
        timer.cancel();
        resolve(error?.message ?? 'closed without an answer');
      },
    });
    stream.write(keyFrame(FrameKind.key, encodeKeyRequest({ op: 'ring' })));
  });
}
