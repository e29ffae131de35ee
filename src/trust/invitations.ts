import { FogataError } from '../protocol/fogata-error.ts';
import { nodeIdFrom } from '../protocol/ids.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Random } from '../runtime/random.ts';
import type { Storage } from '../runtime/storage.ts';
import { inviteSecret } from './derive.ts';
import { invitationIdBytes, invitationSecretBytes } from './token.ts';

/** Open at a time: whoever needs more wants one with more uses. */
export const invitationsMax = 64;

/** An invitation is to be short-lived: who finds it later is not invited. */
export const invitationMsMax = 7 * 86_400_000;

export const invitationUsesMax = 1_000;

export const inviteIdentityPrefix = 'invite:';

const fileName = 'invitations.json';

/** Whom this node lets in, and how often [K8]. */
export interface Invitation {
  /** 16 hexadecimal digits. */
  readonly id: string;
  readonly secret: Uint8Array;
  /** Wall time, milliseconds. */
  readonly expiresAt: number;
  readonly usesLeft: number;
}

/** The open invitations of this node. They outlive a restart. */
export interface Invitations {
  /** Throws FogataError `invalid` or `busy`. */
  create(expiresInMs: number, uses: number): Promise<Invitation>;
  /** What proves that one has been invited; `undefined` when there is no such invitation any more. */
  pskOf(identity: string): Uint8Array | undefined;
  /** Takes one use. False when there is none left. */
  take(id: string): Promise<boolean>;
  /** Open ones. */
  readonly count: number;
}

export interface InvitationsOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly storage: Storage;
  readonly cluster: string;
}

export async function openInvitations(options: InvitationsOptions): Promise<Invitations> {
  const { clock, random, storage, cluster } = options;
  const open = new Map<string, Invitation>();
  /** By the monotonic clock: who sets the other one back does not make them last. */
  const endsAt = new Map<string, number>();
  for (const invitation of await read(storage)) put(invitation);

  function put(invitation: Invitation): void {
    const { id, expiresAt } = invitation;
    const left = Math.min(invitationMsMax, expiresAt - clock.wallTime());
    open.set(id, invitation);
    endsAt.set(id, Math.min(endsAt.get(id) ?? Number.POSITIVE_INFINITY, clock.now() + left));
  }

  function valid(id: string): Invitation | undefined {
    const invitation = open.get(id);
    const isInTime = clock.now() < (endsAt.get(id) ?? 0) && clock.wallTime() < (invitation?.expiresAt ?? 0);
    if (isInTime && invitation !== undefined && invitation.usesLeft > 0) return invitation;
    open.delete(id);
    endsAt.delete(id);
    return undefined;
  }

  async function write(): Promise<void> {
    const rows = [...open.values()].map((each) => ({
      ...each,
      secret: Buffer.from(each.secret).toString('base64url'),
    }));
    await storage.write(fileName, new TextEncoder().encode(`${JSON.stringify(rows, undefined, 1)}\n`));
  }

  return {
    get count() {
      return [...open.keys()].filter((id) => valid(id) !== undefined).length;
    },
    async create(expiresInMs, uses) {
      if (!(expiresInMs >= 1_000 && expiresInMs <= invitationMsMax)) {
        throw new FogataError('invalid', 'an invitation is valid for 1 s to 7 days');
      }
      if (!Number.isInteger(uses) || uses < 1 || uses > invitationUsesMax) {
        throw new FogataError('invalid', `an invitation has 1 to ${invitationUsesMax} uses`);
      }
      for (const id of [...open.keys()]) valid(id);
      if (open.size >= invitationsMax) throw new FogataError('busy', `${invitationsMax} invitations are open already`);
      const invitation: Invitation = {
        id: nodeIdFrom(random.bytes(invitationIdBytes)),
        secret: random.bytes(invitationSecretBytes),
        expiresAt: Math.ceil((clock.wallTime() + expiresInMs) / 1_000) * 1_000,
        usesLeft: uses,
      };
      put(invitation);
      await write();
      return invitation;
    },
    pskOf(identity) {
      if (!identity.startsWith(inviteIdentityPrefix)) return undefined;
      const invitation = valid(identity.slice(inviteIdentityPrefix.length));
      return invitation === undefined ? undefined : inviteSecret(invitation.secret, cluster);
    },
    async take(id) {
      const invitation = valid(id);
      if (invitation === undefined) return false;
      put({ ...invitation, usesLeft: invitation.usesLeft - 1 });
      valid(id);
      await write();
      return true;
    },
  };
}

/** None when the file makes no sense: who was invited asks for another token. */
async function read(storage: Storage): Promise<readonly Invitation[]> {
  try {
    const bytes = await storage.read(fileName);
    const rows: unknown = bytes === undefined ? [] : JSON.parse(new TextDecoder().decode(bytes));
    if (!Array.isArray(rows)) return [];
    return rows.slice(0, invitationsMax).flatMap(invitationOf);
  } catch {
    return [];
  }
}

function invitationOf(row: unknown): readonly Invitation[] {
  if (typeof row !== 'object' || row === null) return [];
  const { id, secret, expiresAt, usesLeft } = row as Readonly<Record<string, unknown>>;
  if (typeof id !== 'string' || !/^[0-9a-f]{16}$/.test(id) || typeof secret !== 'string') return [];
  if (typeof expiresAt !== 'number' || typeof usesLeft !== 'number') return [];
  const bytes = new Uint8Array(Buffer.from(secret, 'base64url'));
  return bytes.length === invitationSecretBytes ? [{ id, secret: bytes, expiresAt, usesLeft }] : [];
}
