import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { DirectoryRecord } from '../protocol/directory-record.ts';
import type { NodeId } from '../protocol/ids.ts';
import type { ServiceEntry } from '../protocol/service-entry.ts';
import { createDirectory } from './create-directory.ts';
import type { Directory } from './directory.ts';

const idOf = (n: number) => n.toString(16).padStart(16, '0') as NodeId;
const me = idOf(1);

const entry = (name: string, more: Partial<ServiceEntry> = {}): ServiceEntry => ({
  name,
  state: 'up',
  kinds: { messages: true, http: false, streams: false },
  weight: 100,
  labels: {},
  endpoint: undefined,
  ...more,
});

const record = (n: number, incarnation: number, version: number, ...services: ServiceEntry[]): DirectoryRecord => ({
  id: idOf(n),
  incarnation,
  version,
  services,
});

/** What a version says follows from who says it: there is one writer [R1]. */
const records: fc.Arbitrary<DirectoryRecord> = fc
  .tuple(fc.integer({ min: 2, max: 4 }), fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 4 }))
  .map(([n, incarnation, version]) =>
    record(
      n,
      incarnation,
      version,
      ...['crm', 'erp', 'fax'].filter((_, i) => (incarnation * 5 + version * 3 + n) & (1 << i)).map((it) => entry(it)),
    ),
  );

function contents(directory: Directory): unknown {
  return {
    records: [...directory.records()].sort((a, b) => (a.id < b.id ? -1 : 1)),
    services: directory.services().map((it) => [it, directory.lookup(it)]),
  };
}

describe('the directory', () => {
  it('[R1] is the same whatever the order and however often records come', () => {
    fc.assert(
      fc.property(fc.array(records, { maxLength: 12 }), fc.infiniteStream(fc.nat()), (said, picks) => {
        const inOrder = createDirectory(me, 1);
        const shuffled = createDirectory(me, 1);
        for (const it of said) inOrder.merge(it);
        const rest = [...said, ...said.slice(0, 3)];
        while (rest.length > 0) {
          const [it] = rest.splice((picks.next().value as number) % rest.length, 1);
          shuffled.merge(it!);
        }
        expect(contents(shuffled)).toEqual(contents(inOrder));
      }),
    );
  });

  it('[R1] its changes lead from nothing to what it holds', () => {
    fc.assert(
      fc.property(fc.array(records, { maxLength: 12 }), (said) => {
        const directory = createDirectory(me, 1);
        const seen = new Map<string, ServiceEntry>();
        for (const it of said) {
          directory.merge(it);
          for (const { service, node, previous, entry: next } of directory.drain()) {
            const key = `${service} ${node}`;
            expect(seen.get(key)).toEqual(previous);
            if (next === undefined) seen.delete(key);
            else seen.set(key, next);
          }
        }
        const held = directory.services().flatMap((it) => directory.lookup(it).map(({ node }) => `${it} ${node}`));
        expect([...seen.keys()].sort()).toEqual(held.sort());
      }),
    );
  });

  it('[R1] alone writes its own record, a version for each change', () => {
    const directory = createDirectory(me, 7);
    expect(directory.own()).toEqual(record(1, 7, 0));
    expect(directory.setServices([entry('crm')])).toMatchObject({ incarnation: 7, version: 1 });
    expect(directory.setServices([entry('crm')]).version).toBe(1);
    expect(directory.setServices([entry('crm', { labels: { site: 'a' } })]).version).toBe(2);
    const labels = { site: 'a' };
    const at = (port: number) => entry('crm', { labels, endpoint: { address: '::', port } });
    expect(directory.setServices([at(80)]).version).toBe(3);
    expect(directory.setServices([at(80)]).version).toBe(3);
    expect(directory.setServices([at(81)]).version).toBe(4);
    expect(directory.merge(record(1, 9, 9, entry('forged')))).toBe(false);
    expect(directory.setIncarnation(8)).toMatchObject({ incarnation: 8, version: 4 });
    expect(directory.setIncarnation(7).incarnation).toBe(8);
    expect(directory.lookup('crm')).toMatchObject([{ node: me, entry: { labels: { site: 'a' } } }]);
  });

  it('[R2] a version held of another incarnation is none', () => {
    const directory = createDirectory(me, 1);
    directory.merge(record(2, 5, 3));
    expect(directory.heldVersion(idOf(2), 5)).toBe(3);
    expect(directory.heldVersion(idOf(2), 6)).toBe(0);
    expect(directory.heldVersion(idOf(3), 5)).toBe(0);
  });

  it('[R4] forgets a record with its member, but never its own', () => {
    const directory = createDirectory(me, 1);
    directory.setServices([entry('crm')]);
    directory.merge(record(2, 1, 1, entry('crm'), entry('erp')));
    directory.drain();
    directory.forget(idOf(2));
    directory.forget(me);
    expect(directory.services()).toEqual(['crm']);
    expect(directory.lookup('crm').map((it) => it.node)).toEqual([me]);
    expect(directory.drain().map((it) => [it.service, it.entry])).toEqual([
      ['crm', undefined],
      ['erp', undefined],
    ]);
    expect(directory.get(idOf(2))).toBeUndefined();
  });

  it('counts the first of two entries of one name', () => {
    const directory = createDirectory(me, 1);
    directory.merge(record(2, 1, 1, entry('crm', { weight: 1 }), entry('crm', { weight: 2 })));
    expect(directory.lookup('crm')).toMatchObject([{ entry: { weight: 1 } }]);
  });
});
