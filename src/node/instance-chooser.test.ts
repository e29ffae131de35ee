import { describe, expect, it } from 'vitest';
import { manualClock } from '../../test/delivery/manual-clock.ts';
import type { ChoiceWish } from '../delivery/chooser.ts';
import { createDirectory } from '../directory/create-directory.ts';
import { createLoadTable } from '../directory/load-table.ts';
import type { Member } from '../membership/member.ts';
import type { Membership } from '../membership/membership.ts';
import type { NodeId } from '../protocol/ids.ts';
import type { ServiceEntry } from '../protocol/service-entry.ts';
import { createVirtualRandom } from '../testing/virtual-random.ts';
import { createInstanceChooser } from './instance-chooser.ts';

const idOf = (n: number) => n.toString(16).padStart(16, '0') as NodeId;
const nobody: ReadonlySet<NodeId> = new Set();
const crm = { service: 'crm', node: '' };
const plainWish: ChoiceWish = {
  ...{ strategy: undefined, key: '', besides: undefined, taken: undefined, decisions: undefined },
};

/** A node that knows `count` others, each with an instance of crm. */
function bed(count: number, entries: readonly Partial<ServiceEntry>[] = []) {
  const world = manualClock();
  const self = idOf(999);
  const directory = createDirectory(self, 1);
  const loads = createLoadTable();
  const members = new Map<NodeId, Member>();
  let version = 1;
  const serve = (n: number, entry: Partial<ServiceEntry> | undefined) => {
    const kinds = { messages: true, http: true, streams: true };
    const plain: ServiceEntry = { name: 'crm', state: 'up', kinds, weight: 100, labels: {}, endpoint: undefined };
    version += 1;
    const services = entry === undefined ? [] : [{ ...plain, ...entry }];
    directory.merge({ id: idOf(n), incarnation: 1, version, services });
  };
  for (let n = 1; n <= count; n++) {
    serve(n, entries[n - 1] ?? {});
    members.set(idOf(n), { id: idOf(n), name: `n${n}`, state: 'alive', rttMs: 0.3, minRttMs: 0.3 } as Member);
  }
  const membership = { get: (id: NodeId) => members.get(id), self: () => ({ id: self }) } as Membership;
  const random = createVirtualRandom('chooser').next;
  const options = { clock: world, random, self, membership, directory, loads };
  const chooser = createInstanceChooser({ ...options, isSameHost: () => false });
  const setState = (n: number, state: Member['state']) => {
    members.set(idOf(n), { ...(members.get(idOf(n)) as Member), state });
    chooser.membersChanged();
  };
  const names = (to = crm, wish?: ChoiceWish) =>
    new Set(Array.from({ length: 60 }, () => chooser.choose(to, 'messages', nobody, wish)?.name));
  const setRoundTrip = (n: number, rttMs: number, minRttMs: number) => {
    members.set(idOf(n), { ...(members.get(idOf(n)) as Member), rttMs, minRttMs });
  };
  return { world, chooser, directory, loads, serve, setState, setRoundTrip, names };
}

describe('the chooser of a node', () => {
  it('knows at once what has changed in the directory and among the members', () => {
    const { names, serve, setState } = bed(3);
    expect(names()).toEqual(new Set(['n1', 'n2', 'n3']));
    setState(2, 'dead');
    expect(names()).toEqual(new Set(['n1', 'n3']));
    serve(1, undefined);
    expect(names()).toEqual(new Set(['n3']));
    serve(3, { state: 'draining' });
    expect(names()).toEqual(new Set([undefined]));
    setState(2, 'alive');
    expect(names()).toEqual(new Set(['n2']));
  });

  it('takes none for far away for what kept its host busy, and looks at the ways each second', () => {
    const { chooser, setRoundTrip, world } = bed(2);
    const shares = () => chooser.explain(crm, undefined).candidates.map(({ share }) => share ?? 0);
    expect(Math.max(...shares())).toBeLessThan(0.6);
    setRoundTrip(1, 80, 80);
    world.advance(1_000);
    expect(Math.max(...shares())).toBe(1);
    setRoundTrip(1, 70, 0.4);
    world.advance(1_000);
    expect(Math.max(...shares())).toBeLessThan(0.6);
  });

  it('of a service that nobody serves any more keeps nothing', () => {
    const { chooser, serve } = bed(1);
    const before = chooser.choose(crm, 'messages', nobody, undefined);
    before?.track.begin(0);
    serve(1, undefined);
    expect(chooser.choose(crm, 'messages', nobody, undefined)).toBeUndefined();
    before?.track.end(1, 1, 'answered');
    serve(1, {});
    expect(chooser.choose(crm, 'messages', nobody, undefined)?.track).not.toBe(before?.track);
  });

  it('finds the one on a node, by name and by id', () => {
    const { names } = bed(3);
    expect(names({ service: 'crm', node: 'n2' })).toEqual(new Set(['n2']));
    expect(names({ service: 'crm', node: idOf(3) })).toEqual(new Set(['n3']));
    expect(names({ service: 'crm', node: 'n9' })).toEqual(new Set([undefined]));
  });

  it('selects by labels, all of which must be so', () => {
    const { chooser, names } = bed(3, [
      { labels: { version: '1' } },
      { labels: { version: '2', zone: 'a' } },
      { labels: { version: '2', zone: 'b' } },
    ]);
    const to = (labels: Record<string, string>, node = '') => ({ service: 'crm', node, labels });
    expect(names(to({ version: '2' }))).toEqual(new Set(['n2', 'n3']));
    expect(names(to({ zone: 'b', version: '2' }))).toEqual(new Set(['n3']));
    expect(names(to({ version: '2' }, 'n2'))).toEqual(new Set(['n2']));
    expect(names(to({ version: '3' }))).toEqual(new Set([undefined]));
    expect(names(to({ constructor: 'x' }))).toEqual(new Set([undefined]));
    expect(chooser.every(to({ version: '2' }), 'messages').map(({ name }) => name)).toEqual(['n2', 'n3']);
  });

  it('takes only instances of the kind that is asked for', () => {
    const { chooser } = bed(2, [{ kinds: { messages: false, http: true, streams: false } }]);
    for (let i = 0; i < 20; i++) expect(chooser.choose(crm, 'messages', nobody, undefined)?.name).toBe('n2');
    expect(chooser.choose(crm, 'http', new Set([idOf(2)]), undefined)?.name).toBe('n1');
  });

  it('says why there is none', () => {
    const { chooser, serve } = bed(1, [{ kinds: { messages: false, http: true, streams: false } }]);
    expect(chooser.whyNone({ service: 'x', node: 'db1' }, 'messages')).toBe('nobody serves x@db1');
    expect(chooser.whyNone({ ...crm, labels: { a: 'b' } }, 'http')).toBe('nobody serves crm[a=b]');
    expect(chooser.whyNone(crm, 'messages')).toBe('crm takes no messages');
    serve(1, { state: 'draining' });
    expect(chooser.whyNone(crm, 'messages')).toBe('crm: every instance is draining');
  });

  it('a reply and a report tell the load of an instance', () => {
    const { chooser, loads } = bed(2);
    const track = () => chooser.choose({ service: 'crm', node: 'n1' }, 'messages', nobody, undefined)?.track;
    expect(track()?.load).toBeNaN();
    chooser.noteLoad(idOf(1), 'crm', 0.7);
    expect(track()?.load).toBe(0.7);
    const services = [{ name: 'crm', load: 0.2, inFlight: 9 }];
    loads.merge({ id: idOf(1), incarnation: 1, sequence: 1, hostLoad: 0.5, services }, 5);
    expect([track()?.load, track()?.inFlightThere]).toEqual([0.2, 9]);
  });

  it('goes by the strategy that is set for the service, unless the call names one', () => {
    const { chooser, names } = bed(3);
    chooser.setStrategies(new Map([['crm', 'round-robin']]));
    const inTurn = Array.from({ length: 3 }, () => chooser.choose(crm, 'messages', nobody, undefined)?.name);
    expect(inTurn).toEqual(['n1', 'n2', 'n3']);
    expect(chooser.explain(crm, undefined).strategy).toBe('round-robin');
    expect(names(crm, { ...plainWish, strategy: 'sticky', key: 'k' }).size).toBe(1);
  });

  it('takes down on whom it fell and how, and keeps off those who have a copy', () => {
    const { chooser } = bed(3);
    const taken = new Set<NodeId>();
    const wish: ChoiceWish = { ...plainWish, besides: new Set([idOf(1)]), taken, decisions: [] };
    const first = chooser.choose(crm, 'messages', new Set([idOf(2)]), wish);
    expect(first?.name).toBe('n3');
    expect([...taken]).toEqual([idOf(3)]);
    expect(wish.decisions?.[0]).toMatchObject({ strategy: 'best', chosen: 'n3', candidateCount: 3 });
  });

  it('says whether work that failed may be tried elsewhere, as long as the budget has it', () => {
    const { chooser } = bed(2);
    expect(chooser.mayTryElsewhere(crm, 'http', ['n1', 'n2'])).toBe(false);
    let paid = 0;
    while (chooser.mayTryElsewhere(crm, 'http', ['n1'])) paid += 1;
    expect(paid).toBe(20);
    expect(chooser.mayTryElsewhere(crm, 'http', undefined)).toBe(false);
    expect(chooser.isAnother(crm, 'http', idOf(1), nobody)).toBe(true);
    expect(chooser.isAnother(crm, 'http', idOf(1), new Set([idOf(2)]))).toBe(false);
  });

  it('a newcomer warms up, those who were there before do not', () => {
    const { chooser, serve, world } = bed(3);
    const warm = () =>
      new Map(chooser.explain(crm, undefined).candidates.map(({ node, weightShare }) => [node, weightShare]));
    serve(3, undefined);
    expect(Object.fromEntries(warm().entries())).toEqual({ n1: 1, n2: 1 });
    world.advance(1_000);
    serve(3, {});
    expect(Object.fromEntries(warm().entries())).toEqual({ n1: 1, n2: 1, n3: 0.1 });
    world.advance(10_000);
    expect(warm().get('n3')).toBe(1);
  });
});
