import { encodePeers } from '../discovery/peers-file.ts';
import { FogataError } from '../protocol/fogata-error.ts';
import { isNodeId } from '../protocol/ids.ts';
import { checkName } from '../protocol/names.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Random } from '../runtime/random.ts';
import type { Storage } from '../runtime/storage.ts';
import type { GivenRing } from '../trust/ask-for-ring.ts';
import { clusterKeyBytes } from '../trust/derive.ts';
import { loadRing, storeRing } from '../trust/ring-file.ts';
import { newRing, type RingState } from '../trust/ring-state.ts';
import { decodeToken, type Token } from '../trust/token.ts';

/** Where discovery keeps the peers it remembers. */
const peersKey = 'peers';

/** A new ring for a cluster, not yet stored. Throws FogataError when this host has a key already. */
export async function makeRing(
  storage: Storage,
  cluster: string,
  { clock, random }: { readonly clock: Clock; readonly random: Random },
): Promise<RingState> {
  const wrong = checkName(cluster);
  if (wrong !== undefined) throw new FogataError('invalid', `cluster: ${wrong}`);
  const existing = await loadRing(storage);
  if (existing !== undefined) {
    throw new FogataError(
      'not-allowed',
      `this host has the key of cluster "${existing.cluster}" already: invite others with "fogata invite"`,
    );
  }
  return newRing(cluster, random.bytes(clusterKeyBytes), Math.floor(clock.wallTime()));
}

/** Throws FogataError `invalid`, saying what is wrong with the text. */
export function readToken(text: string): Token {
  const decoded = decodeToken(text);
  if (decoded.ok) return decoded.token;
  switch (decoded.reason) {
    case 'no-token':
      throw new FogataError('invalid', 'this is no token: it begins with "fogata", and "fogata invite" prints it');
    case 'typo':
      throw new FogataError('invalid', 'the token has a typo or is not whole: copy all of its one line');
    case 'version':
      throw new FogataError('invalid', 'the token is of a later release: upgrade this host first');
  }
}

/** Throws unless this host may take the token's cluster for its own. */
export async function assertMayJoin(storage: Storage, { cluster }: Token, replace: boolean): Promise<void> {
  if (replace) return;
  const existing = await loadRing(storage);
  if (existing === undefined || existing.cluster === cluster) return;
  throw new FogataError(
    'not-allowed',
    `this host has the key of cluster "${existing.cluster}": --replace gives that up for "${cluster}"`,
  );
}

/** Stores what the inviter gave: the ring, and where the inviter is, so that a plain `fogata up` finds the others. */
export async function storeGiven(storage: Storage, { state, inviter }: GivenRing): Promise<void> {
  const { node, name, address } = inviter;
  await storeRing(storage, state);
  if (!isNodeId(node) || checkName(name) !== undefined) return;
  await storage.write(peersKey, encodePeers(state.cluster, [{ id: node, name, addresses: [address] }]));
}
