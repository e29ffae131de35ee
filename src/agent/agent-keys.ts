import type { InvitationView } from '../api/key-report.ts';
import type { FogataNode } from '../node/node.ts';
import type { NodeKeyring } from '../node/node-keyring.ts';
import { FogataError } from '../protocol/fogata-error.ts';
import type { Runtime } from '../runtime/runtime.ts';
import { askForRing } from '../trust/ask-for-ring.ts';
import { storeRing } from '../trust/ring-file.ts';
import { assertMayJoin, makeRing, readToken, storeGiven } from './local-keys.ts';

/** What became of `init` and `join`: the agent goes on under this key in a moment. */
export interface NewKey {
  readonly cluster: string;
  readonly key: string;
  /** Who let this host in; null where the key was made here. */
  readonly inviter: string | null;
}

/** The keys of a running agent, as its own user commands them. Everything throws FogataError. */
export interface AgentKeys {
  init(cluster: string | undefined): Promise<NewKey>;
  join(token: string, replace: boolean): Promise<NewKey>;
  invite(expiresMs: number, uses: number): Promise<InvitationView>;
  /** The running node's; throws `not-allowed` when it has no key. */
  ring(): NodeKeyring;
}

export interface AgentKeysOptions {
  readonly runtime: Runtime;
  readonly node: FogataNode;
  /** Stops the node, does what is to be done while none runs, and starts it again under what is stored then. */
  readonly restartWith: (change: () => Promise<void>) => void;
}

export function createAgentKeys({ runtime, node, restartWith }: AgentKeysOptions): AgentKeys {
  const { storage } = runtime;

  function ring(): NodeKeyring {
    if (node.keys !== undefined) return node.keys;
    throw new FogataError('not-allowed', 'this host has no key: make one with "fogata init", or join with a token');
  }

  return {
    ring,
    async init(cluster) {
      const state = await makeRing(storage, cluster ?? node.cluster, runtime);
      restartWith(() => storeRing(storage, state));
      return { cluster: state.cluster, key: state.inUse, inviter: null };
    },
    async join(text, replace) {
      const token = readToken(text);
      await assertMayJoin(storage, token, replace);
      const given = await askForRing(token, runtime);
      restartWith(() => storeGiven(storage, given));
      return { cluster: given.state.cluster, key: given.state.inUse, inviter: given.inviter.name };
    },
    invite: async (expiresMs, uses) => ring().invite(expiresMs, uses),
  };
}
