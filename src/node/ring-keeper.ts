import type { KeyReport, NodeKeys } from '../api/key-report.ts';
import type { RememberedPeer } from '../discovery/peers-file.ts';
import type { Member } from '../membership/member.ts';
import { FogataError } from '../protocol/fogata-error.ts';
import type { NodeId } from '../protocol/ids.ts';
import type { Clock } from '../runtime/clock.ts';
import { isoTimeOf } from '../runtime/iso-time.ts';
import type { Random } from '../runtime/random.ts';
import { clusterKeyBytes } from '../trust/derive.ts';
import {
  type AwayMember,
  awayMax,
  type KeyReply,
  type KeyRequest,
  type RingView,
  ringView,
} from '../trust/key-frame.ts';
import type { KeyRing } from '../trust/key-ring.ts';
import { type RingKey, ringKeyOf } from '../trust/ring-state.ts';
import { isPresent } from './node-views.ts';

/** How a step with the keys of a running cluster is to be taken. */
export interface KeyStep {
  /** Take it although somebody is left behind. */
  readonly insist: boolean;
  /** Names of nodes that are not to take part: they get no key, and nobody waits for them. */
  readonly without: readonly string[];
}

/** The ring of a running cluster, changed from this node [K7]. Every step may be repeated after an interruption. */
export interface RingKeeper {
  list(): Promise<KeyReport>;
  /** A new key for everybody; with an id, that one for who does not have it yet. */
  add(id: string | undefined, step: KeyStep): Promise<KeyReport>;
  use(id: string, step: KeyStep): Promise<KeyReport>;
  remove(id: string, step: KeyStep): Promise<KeyReport>;
  /** Does what another node asks of this one. */
  perform(request: KeyRequest): Promise<KeyReply>;
}

export interface RingKeeperOptions {
  readonly ring: KeyRing;
  readonly clock: Clock;
  readonly random: Random;
  /** This node first. */
  readonly members: () => readonly Member[];
  /** Whom this node knows of from before it began. */
  readonly remembered: () => readonly RememberedPeer[];
  readonly ask: (peer: NodeId, request: KeyRequest) => Promise<KeyReply>;
}

/** A member and what it said. */
interface Answer {
  readonly member: Member;
  readonly excluded: boolean;
  readonly ring: RingView | undefined;
  readonly away: readonly AwayMember[];
  readonly reason: string;
}

export function createRingKeeper(options: RingKeeperOptions): RingKeeper {
  const { ring, clock, random } = options;

  async function answerOf(
    member: Member,
    index: number,
    without: readonly string[],
    request: KeyRequest,
  ): Promise<Answer> {
    const excluded = index > 0 && without.includes(member.name);
    const nothing = { member, excluded, ring: undefined, away: [] };
    if (excluded && request.op !== 'list') return { ...nothing, reason: '' };
    if (!isPresent(member.state)) return { ...nothing, reason: `it is ${member.state}, and may come back` };
    const reply = index === 0 ? await perform(request) : await options.ask(member.id, request);
    if (!reply.ok) return { ...nothing, reason: reply.reason };
    return { member, excluded, ring: reply.ring, away: reply.away, reason: '' };
  }

  function askAll(request: KeyRequest, without: readonly string[]): Promise<readonly Answer[]> {
    return Promise.all(options.members().map((member, index) => answerOf(member, index, without, request)));
  }

  function away(): AwayMember[] {
    const found: AwayMember[] = [];
    for (const { id, name, state } of options.members()) {
      if ((state === 'dead' || state === 'left') && found.length < awayMax) found.push({ id, name, state });
    }
    return found;
  }

  /** Who began alone knows the others by what it has stored only. */
  function awayFromHere(without: readonly string[]): NodeKeys[] {
    const reason = 'it was there when this node ran last, and may come back';
    return options
      .remembered()
      .filter(({ name }) => !without.includes(name))
      .map(({ id, name }) => straggler({ id, name, state: 'dead' }, reason));
  }

  /** Who has met nobody, in this life or before, cannot know whether others are cut off from it. */
  function aloneHere(): NodeKeys | undefined {
    const [self, ...others] = options.members();
    if (self === undefined || others.length > 0 || options.remembered().length > 0) return undefined;
    const { inUse, keys } = ring.state;
    const reason = 'it sees nobody and remembers nobody: others that it has not met may need this key';
    return {
      id: self.id,
      node: self.name,
      state: self.state,
      keys: keys.map((key) => key.id),
      inUse,
      result: 'straggler',
      reason,
    };
  }

  function report(key: string | null, done: boolean, nodes: readonly NodeKeys[]): KeyReport {
    const { cluster, inUse, keys } = ring.state;
    return {
      cluster,
      inUse,
      keys: keys.map(({ id, madeAt }) => ({ id, madeAt: isoTimeOf(madeAt) })),
      key,
      done,
      nodes,
    };
  }

  async function perform(request: KeyRequest): Promise<KeyReply> {
    try {
      if (request.op === 'add' || request.op === 'use' || request.op === 'remove') await ring.change(request);
      return { ok: true, ring: ringView(ring.state), invited: undefined, away: request.op === 'list' ? away() : [] };
    } catch (error) {
      return { ok: false, reason: FogataError.from(error).message };
    }
  }

  function keyOf(id: string): RingKey {
    const key = ring.find(id);
    if (key === undefined) throw new FogataError('not-found', `key ${id} is not in the ring`);
    return key;
  }

  /** A slip in a name would give the key to the very node that is to be shut out. */
  async function assertKnown(without: readonly string[]): Promise<void> {
    const isStrange = (known: readonly { readonly name: string }[]) => (name: string) =>
      known.every((each) => each.name !== name);
    const strange = without.filter(isStrange([...options.members(), ...options.remembered()]));
    if (strange.length === 0) return;
    const answers = await askAll({ op: 'list' }, []);
    const stranger = strange.find(isStrange(answers.flatMap((answer) => answer.away)));
    if (stranger !== undefined) throw new FogataError('not-found', `there is no node ${JSON.stringify(stranger)}`);
  }

  /** Asks all how they stand; a text says why one stands in the way. Nothing is done while one does and nobody insists. */
  async function obstacles(
    { insist, without }: KeyStep,
    inTheWay: (answer: Answer) => string,
  ): Promise<readonly NodeKeys[] | undefined> {
    if (insist) return undefined;
    const answers = await askAll({ op: 'list' }, without);
    const judged = answers.map((answer) => nodeKeys(answer, 'listed', answer.excluded ? '' : inTheWay(answer)));
    judged.push(...awayElsewhere(answers, without));
    if (judged.length === 1) judged.push(...awayFromHere(without));
    return judged.some(({ result }) => result === 'straggler') ? judged : undefined;
  }

  return {
    perform,
    async list() {
      const answers = await askAll({ op: 'list' }, []);
      return report(
        null,
        true,
        answers.map((answer) => nodeKeys(answer, 'listed', answer.ring === undefined ? answer.reason : '')),
      );
    },
    async add(id, { without }) {
      await assertKnown(without);
      const newest = Math.max(...ring.state.keys.map(({ madeAt }) => madeAt));
      const madeAt = Math.max(Math.floor(clock.wallTime()), newest + 1);
      const key = id === undefined ? ringKeyOf(random.bytes(clusterKeyBytes), ring.state.cluster, madeAt) : keyOf(id);
      // Here first: whatever happens next, this node can go on from where it was interrupted.
      await ring.change({ op: 'add', key });
      const answers = await askAll({ op: 'add', key }, without);
      return report(key.id, true, answers.map(settled('added')));
    },
    async use(id, step) {
      keyOf(id);
      const waiting = await obstacles(step, ({ ring: theirs, reason }) => {
        if (theirs === undefined) return reason;
        return theirs.keys.some((key) => key.id === id) ? '' : 'it does not have this key: add it first';
      });
      if (waiting !== undefined && !waiting.every(isOnlyAway)) return report(id, false, waiting);
      const usedAt = Math.max(Math.floor(clock.wallTime()), ring.state.usedAt + 1);
      const answers = await askAll({ op: 'use', id, usedAt }, step.without);
      return report(id, true, answers.map(settled('used')));
    },
    async remove(id, step) {
      if (ring.state.inUse === id) throw new FogataError('not-allowed', `key ${id} is in use: use another one first`);
      const alone = step.insist ? undefined : aloneHere();
      if (alone !== undefined) return report(id, false, [alone]);
      const waiting = await obstacles(step, ({ ring: theirs, reason }) => {
        if (theirs === undefined) return reason;
        if (theirs.inUse === id) return 'it still uses this key';
        const { inUse } = ring.state;
        return theirs.keys.some((key) => key.id === inUse) ? '' : `it does not have key ${inUse}: add it first`;
      });
      if (waiting !== undefined) return report(id, false, waiting);
      const answers = await askAll({ op: 'remove', id }, step.without);
      return report(id, true, answers.map(settled('removed')));
    },
  };
}

/** Whom this node does not know, as it began when they were gone already: others remember them, and they may come back. */
function awayElsewhere(answers: readonly Answer[], without: readonly string[]): NodeKeys[] {
  const known = new Set(answers.map(({ member }) => member.id));
  const found: NodeKeys[] = [];
  for (const { member, away } of answers) {
    for (const { id, name, state } of away) {
      if (known.has(id) || without.includes(name)) continue;
      known.add(id);
      const reason = `${member.name} remembers it as ${state}, and it may come back`;
      found.push(straggler({ id, name, state }, reason));
    }
  }
  return found;
}

function straggler({ id, name, state }: AwayMember, reason: string): NodeKeys {
  return { id, node: name, state, keys: null, inUse: null, result: 'straggler', reason };
}

/** Who is away cannot be waited for, and does not need to be while its key stays in the ring. */
function isOnlyAway({ result, state }: NodeKeys): boolean {
  return result !== 'straggler' || !isPresent(state);
}

function settled(result: NodeKeys['result']): (answer: Answer) => NodeKeys {
  return (answer) => nodeKeys(answer, result, answer.ring === undefined ? answer.reason : '');
}

function nodeKeys({ member, excluded, ring }: Answer, good: NodeKeys['result'], reason: string): NodeKeys {
  return {
    id: member.id,
    node: member.name,
    state: member.state,
    keys: ring === undefined ? null : ring.keys.map(({ id }) => id),
    inUse: ring?.inUse ?? null,
    result: excluded ? 'excluded' : reason === '' ? good : 'straggler',
    reason,
  };
}
