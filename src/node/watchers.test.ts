import { describe, expect, it } from 'vitest';
import type { MeshEvent } from '../api/mesh-event.ts';
import { createDirectory } from '../directory/create-directory.ts';
import { createLoadTable } from '../directory/load-table.ts';
import type { Member } from '../membership/member.ts';
import type { Membership } from '../membership/membership.ts';
import type { NodeId } from '../protocol/ids.ts';
import type { MemberState } from '../protocol/member-update.ts';
import { silentLog } from '../runtime/log.ts';
import { createWorld } from '../testing/world.ts';
import { createNodeViews } from './node-views.ts';
import { createWatchers } from './watchers.ts';

const self = '00000000000000ee' as NodeId;
const other = '0000000000000001' as NodeId;

function memberOf(id: NodeId, state: MemberState): Member {
  return {
    id,
    name: id === self ? 'me' : `n${id.slice(-1)}`,
    incarnation: 1,
    state,
    claimed: state,
    cause: undefined,
    unstable: false,
    observations: [],
    addresses: [],
    reachedAt: { address: '127.0.0.1', port: 1 },
    versionOldest: 1,
    versionNewest: 1,
    recordVersion: 1,
    since: 0,
    rttMs: undefined,
    minRttMs: undefined,
    foundBy: [],
  };
}

function nameOf(event: MeshEvent): string {
  if (event.type === 'ready') return 'ready';
  if ('partition' in event) return `${event.type} ${event.partition.there.join(' ')}`;
  if ('node' in event) return `${event.type} ${event.node.name} ${event.node.state}`;
  return `${event.type} ${event.service}@${event.instance.node} ${event.instance.state}`;
}

function bed() {
  const { clock } = createWorld().host('h').start().runtime;
  const members = new Map<NodeId, Member>();
  const membership = {
    self: () => memberOf(self, 'alive'),
    get: (id: NodeId) => members.get(id),
    members: () => members.values(),
  } as unknown as Membership;
  const directory = createDirectory(self, 1);
  const known = { clock, self, membership, directory, loads: createLoadTable() };
  const views = createNodeViews({ ...known, isSameHost: () => false, cluster: 'site', posture: 'loopback' });
  const errors: string[] = [];
  const log = { ...silentLog, error: (message: string) => void errors.push(message) };
  const watchers = createWatchers({ ...known, views, partitions: () => [], log });
  let version = 0;
  return {
    watchers,
    errors,
    watch(then?: (event: MeshEvent) => void) {
      const told: string[] = [];
      const stop = watchers.add((event) => {
        told.push(nameOf(event));
        then?.(event);
      });
      return { told, stop };
    },
    record(id: NodeId, ...services: string[]) {
      version += 1;
      const entries = services.map((name) => {
        const [service, weight] = name.split(':') as [string, string | undefined];
        const kinds = { messages: true, http: false, streams: false };
        return {
          name: service,
          state: 'up' as const,
          kinds,
          weight: Number(weight ?? 100),
          labels: {},
          endpoint: undefined,
        };
      });
      if (id === self) directory.setServices(entries);
      else directory.merge({ id, incarnation: 1, version, services: entries });
    },
    become(id: NodeId, state: MemberState) {
      const previous = members.get(id)?.state;
      const member = memberOf(id, state);
      members.set(id, member);
      watchers.onMember(member, previous);
    },
    forget(id: NodeId) {
      const member = members.get(id);
      members.delete(id);
      if (member !== undefined) watchers.onForgotten(member);
      directory.forget(id);
      watchers.onDirectory();
    },
    drain: () => watchers.onDirectory(),
  };
}

describe('watchers', () => {
  it('are told what is there, then each change exactly once', () => {
    const { watch, record, become, drain } = bed();
    record(self, 'crm');
    const { told } = watch();
    expect(told).toEqual(['node-joined me alive', 'instance-up crm@me up', 'ready']);
    told.length = 0;
    become(other, 'alive');
    record(other, 'crm', 'web');
    drain();
    drain();
    become(other, 'suspect');
    record(other, 'crm:50');
    drain();
    become(other, 'alive');
    expect(told).toEqual([
      'node-joined n1 alive',
      'instance-up crm@n1 up',
      'instance-up web@n1 up',
      'node-changed n1 suspect',
      'instance-changed crm@n1 suspect',
      'instance-changed web@n1 suspect',
      'instance-gone web@n1 suspect',
      'instance-changed crm@n1 suspect',
      'node-changed n1 alive',
      'instance-changed crm@n1 up',
    ]);
  });

  it('a record that came before its member, or with its death, makes no second or needless event', () => {
    const { watch, record, become, drain } = bed();
    const { told } = watch();
    told.length = 0;
    record(other, 'crm');
    become(other, 'alive');
    drain();
    expect(told).toEqual(['node-joined n1 alive', 'instance-up crm@n1 up']);
    told.length = 0;
    record(other, 'crm', 'new');
    become(other, 'dead');
    drain();
    expect(told).toEqual(['instance-gone crm@n1 up', 'node-changed n1 dead']);
    told.length = 0;
    become(other, 'alive');
    drain();
    expect(told).toEqual(['node-changed n1 alive', 'instance-up crm@n1 up', 'instance-up new@n1 up']);
  });

  it.each([
    ['left', ['instance-gone crm@n1 up', 'node-gone n1 left']],
    ['dead', ['instance-gone crm@n1 up', 'node-changed n1 dead']],
  ] as const)('who is %s is gone once, at the latest when it is forgotten', (state, events) => {
    const { watch, record, become, forget, drain } = bed();
    const { told } = watch();
    become(other, 'alive');
    record(other, 'crm');
    drain();
    told.length = 0;
    become(other, state);
    expect(told).toEqual(events);
    if (state === 'dead') become(other, 'left');
    forget(other);
    expect(told.filter((event) => event.startsWith('node-gone'))).toHaveLength(1);
    expect(told.filter((event) => event.startsWith('instance'))).toHaveLength(1);
    become(other, 'alive');
    expect(told.at(-1)).toBe('node-joined n1 alive');
  });

  it('who had left before is neither joined nor gone', () => {
    const { watch, become, forget } = bed();
    become(other, 'left');
    const { told } = watch();
    become(other, 'left');
    forget(other);
    expect(told).toEqual(['node-joined me alive', 'ready']);
  });

  it('a change that waits to be told goes to the old watchers once, and to the new one in its snapshot', () => {
    const { watch, record, drain } = bed();
    const first = watch();
    record(self, 'crm');
    const second = watch();
    drain();
    expect(first.told).toEqual(['node-joined me alive', 'ready', 'instance-up crm@me up']);
    expect(second.told).toEqual(['node-joined me alive', 'instance-up crm@me up', 'ready']);
  });

  it('a change made while one is told comes after it, to all in the same order', () => {
    const { watch, record, drain } = bed();
    let done = false;
    const causing = watch((event) => {
      if (event.type !== 'instance-up' || done) return;
      done = true;
      record(self, 'crm', 'web');
      drain();
    });
    const second = watch();
    record(self, 'crm');
    drain();
    expect(causing.told.slice(2)).toEqual(['instance-up crm@me up', 'instance-up web@me up']);
    expect(second.told.slice(2)).toEqual(['instance-up crm@me up', 'instance-up web@me up']);
  });

  it('one made while the snapshot is told is not lost', () => {
    const { watch, record, drain } = bed();
    const { told } = watch((event) => {
      if (event.type !== 'node-joined') return;
      record(self, 'crm');
      drain();
    });
    expect(told).toEqual(['node-joined me alive', 'ready', 'instance-up crm@me up']);
  });

  it('who throws is logged, told on, and harms nobody; who has stopped is told nothing', () => {
    const { watch, record, drain, errors } = bed();
    const throwing = watch(() => {
      throw new Error('bug');
    });
    const good = watch();
    const stopped = watch();
    stopped.stop();
    record(self, 'crm');
    drain();
    expect([throwing.told.length, good.told.length, stopped.told.length, errors.length]).toEqual([3, 3, 2, 3]);
  });
});
