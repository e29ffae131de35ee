import { describe, expect, it } from 'vitest';
import { FogataError } from '../protocol/fogata-error.ts';
import { nodeIdFrom } from '../protocol/ids.ts';
import { createWorld } from '../testing/world.ts';
import { askForRing } from './ask-for-ring.ts';
import { handOutRing } from './hand-out-ring.ts';
import { invitationMsMax, openInvitations } from './invitations.ts';
import { createKeyRing } from './key-ring.ts';
import { loadRing } from './ring-file.ts';
import { newRing } from './ring-state.ts';
import type { Token } from './token.ts';

/** An inviter that listens, and somebody who may be invited. */
async function stage() {
  const world = createWorld();
  const host = world.host('inviter');
  const inviter = host.start('node').runtime;
  const guest = world.host('guest').start('cli').runtime;
  const state = newRing('site', inviter.random.bytes(32), inviter.clock.wallTime());
  const ring = createKeyRing(state, inviter.storage);
  const invitations = await world.complete(openInvitations({ ...inviter, cluster: 'site' }));
  const self = { node: nodeIdFrom(inviter.random.bytes(8)), name: 'inviter', port: 7472 };
  const handedOut: string[] = [];
  const onHandedOut = (id: string): void => void handedOut.push(id);
  await world.complete(
    inviter.streams.listen(
      { address: '0.0.0.0', port: 7472 },
      (stream, identity = '') =>
        handOutRing(stream, identity, { clock: inviter.clock, ring, invitations, self, onHandedOut }),
      { pskOf: (identity) => invitations.pskOf(identity), onRefused() {} },
    ),
  );
  const at = { address: host.address(), port: 7472 };
  const nobody = { address: '10.99.99.99', port: 7472 };
  const invite = async (expiresInMs = 60_000, uses = 1): Promise<Token> => {
    const { id, secret, expiresAt } = await world.complete(invitations.create(expiresInMs, uses));
    return { cluster: 'site', addresses: [nobody, at], invitation: id, secret, expiresAt };
  };
  const ask = (token: Token) => world.complete(askForRing(token, guest));
  return { world, inviter, guest, state, invitations, self, handedOut, at, invite, ask };
}

const code = async (asked: Promise<unknown>): Promise<string> =>
  asked.then(
    () => 'given',
    (error: unknown) => FogataError.from(error).code,
  );

describe('an invitation [K8]', () => {
  it('gets who has it the ring, as often as it says', async () => {
    const { ask, invite, state, self, at, handedOut } = await stage();
    const token = await invite(60_000, 2);
    const given = await ask(token);
    expect(given.state).toEqual(state);
    expect(given.inviter).toEqual({ node: self.node, name: 'inviter', address: at });
    expect(await code(ask(token))).toBe('given');
    expect(await code(ask(token))).toBe('not-allowed');
    expect(handedOut).toEqual([token.invitation, token.invitation]);
  });

  it('ends with its time', async () => {
    const { world, ask, invite } = await stage();
    const token = await invite(5_000);
    await world.runFor(6_000);
    await expect(ask(token)).rejects.toThrow('expired');
  });

  it('ends with its time also where the clock is set back meanwhile, or while its node was down', async () => {
    const { world, inviter } = await stage();
    let setBackMs = 0;
    const clock = { ...inviter.clock, wallTime: () => inviter.clock.wallTime() - setBackMs };
    const open = () => world.complete(openInvitations({ ...inviter, clock, cluster: 'site' }));
    const invitations = await open();
    const { id } = await world.complete(invitations.create(5_000, 1));
    setBackMs = 3_600_000;
    await world.runFor(4_000);
    expect(invitations.pskOf(`invite:${id}`)).toBeDefined();
    await world.runFor(2_000);
    expect(invitations.pskOf(`invite:${id}`)).toBeUndefined();
    setBackMs = 30 * invitationMsMax;
    const later = await open();
    await world.runFor(invitationMsMax - 1_000);
    expect(later.count).toBe(1);
    await world.runFor(2_000);
    expect(later.count).toBe(0);
  });

  it('is nothing to who has another secret, or names another cluster', async () => {
    const { ask, invite } = await stage();
    const token = await invite();
    expect(await code(ask({ ...token, secret: new Uint8Array(16) }))).toBe('not-allowed');
    expect(await code(ask({ ...token, cluster: 'other' }))).toBe('not-allowed');
    expect(await code(ask({ ...token, addresses: [] }))).toBe('unreachable');
    expect(await code(ask(token))).toBe('given');
  });

  it('outlives a restart of the inviter, and is bounded', async () => {
    const { world, inviter, invite, invitations } = await stage();
    const token = await invite();
    const again = await world.complete(openInvitations({ ...inviter, cluster: 'site' }));
    expect(again.pskOf(`invite:${token.invitation}`)).toEqual(invitations.pskOf(`invite:${token.invitation}`));
    expect(again.count).toBe(1);
    expect(await code(invitations.create(0, 1))).toBe('invalid');
    expect(await code(invitations.create(60_000, 0))).toBe('invalid');
    for (let i = 1; i < 64; i++) await invite();
    expect(await code(invitations.create(60_000, 1))).toBe('busy');
  });
});

describe('a stored ring', () => {
  it('is read again, and a damaged one stops whoever needs it', async () => {
    const { world, guest, ask, invite } = await stage();
    const { state } = await ask(await invite());
    const ring = createKeyRing(state, guest.storage);
    await world.complete(ring.change({ op: 'use', id: state.inUse, usedAt: state.usedAt + 1 }));
    expect(await world.complete(loadRing(guest.storage))).toEqual(ring.state);
    await world.complete(guest.storage.write('keys.json', new Uint8Array([123])));
    await expect(world.complete(loadRing(guest.storage))).rejects.toThrow('damaged');
  });
});
