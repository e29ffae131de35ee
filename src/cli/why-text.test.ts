import { describe, expect, it } from 'vitest';
import type { MethodView, NodeView } from '../api/views.ts';
import { paintFor } from './paint.ts';
import { detectionText, discoveryText, foundByText } from './why-text.ts';

const paint = paintFor(process.stdout, { NO_COLOR: '1' }, false);

const working: MethodView = {
  method: 'multicast',
  interface: 'eth0',
  at: '10.1.0.1',
  state: 'working',
  sent: 4,
  heard: 9,
  found: 2,
  lastError: null,
  why: '',
  cure: '',
};

describe('nodes --why', () => {
  it('lists the ways in which a node was found, the first of them first', () => {
    const since = new Date(0).toISOString();
    const foundBy = [
      { method: 'mdns', interface: 'eth0', via: '', since },
      { method: 'gossip', interface: '', via: 'n7', since },
      { method: 'dns', interface: '', via: 'site.example:7472', since },
    ];
    expect(foundByText({ foundBy } as unknown as NodeView, 5_000, paint)).toEqual([
      '    mdns on eth0, 5 s ago (first)',
      '    gossip from n7, 5 s ago',
      '    dns by site.example:7472, 5 s ago',
    ]);
  });

  it('says of each method how it does, why not, and what to do', () => {
    const methods: MethodView[] = [
      working,
      { ...working, method: 'broadcast', state: 'failing', lastError: 'EPERM', why: 'a firewall', cure: 'let it out' },
      { ...working, interface: 'lo', found: 0 },
      { ...working, method: 'gossip', interface: '', state: 'idle', sent: null, heard: null },
    ];
    const notices = [{ kind: 'copied-id', text: 'the same id', cure: 'delete one' } as const];
    expect(discoveryText({ methods, notices }, paint)).toEqual([
      'warning: the same id',
      '    → delete one',
      '',
      'How this node looks for others',
      'METHOD     ON    AT        STATE    SENT  HEARD  FOUND',
      'multicast  eth0  10.1.0.1  working     4      9      2',
      'broadcast  eth0  10.1.0.1  failing     4      9      2',
      '    EPERM: a firewall',
      '    → let it out',
    ]);
  });

  it.each([
    [{ askedMs: null, withinMs: 1_953, why: '' }, 'A host that falls silent is called dead within 2.0 s'],
    [
      { askedMs: 800, withinMs: 800, why: '' },
      'A host that falls silent is called dead within 800 ms (asked for: 800 ms)',
    ],
    [
      { askedMs: 800, withinMs: 1_200, why: 'the way is long' },
      'A host that falls silent is called dead within 1.2 s (asked for: 800 ms): the way is long',
    ],
  ])('says how soon silence is noticed, and why not sooner: %j', (view, text) => {
    expect(detectionText(view, paint)).toBe(text);
  });
});
