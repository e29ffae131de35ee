import { describe, expect, it } from 'vitest';
import type { KeyReport, NodeKeys } from '../api/key-report.ts';
import { nodesText, ringText, stepLine } from './key-report.ts';
import { begunRotation } from './key-rotate.ts';
import { noPaint } from './paint.ts';

const [first, second] = ['00000000000000aa', '00000000000000bb'] as const;

const node = (name: string, fields: Partial<NodeKeys> = {}): NodeKeys => ({
  id: `${name}-id`,
  node: name,
  state: 'alive',
  keys: [first],
  inUse: first,
  result: 'listed',
  reason: '',
  ...fields,
});

const report = (fields: Partial<KeyReport> = {}): KeyReport => ({
  cluster: 'site',
  inUse: first,
  keys: [{ id: first, madeAt: '2026-11-20T08:00:00.000Z' }],
  key: null,
  done: true,
  nodes: [node('a'), node('b')],
  ...fields,
});

describe('a rotation', () => {
  const both = [
    { id: first, madeAt: '2026-11-20T08:00:00.000Z' },
    { id: second, madeAt: '2026-11-20T09:00:00.000Z' },
  ];

  it('begins with a new key where nothing is under way', () => {
    expect(begunRotation(report())).toBeUndefined();
    expect(begunRotation(report({ nodes: [node('a'), node('b', { keys: null, inUse: null })] }))).toBeUndefined();
  });

  it('goes on where it was interrupted: after adding, after using, with somebody behind', () => {
    expect(begunRotation(report({ keys: both }))).toBe(second);
    expect(begunRotation(report({ keys: both, inUse: second }))).toBe(second);
    const behind = { keys: both.slice(1), inUse: second, nodes: [node('a', { inUse: second }), node('b')] };
    expect(begunRotation(report(behind))).toBe(second);
  });
});

describe('what is shown of it', () => {
  const straggler = node('b', { state: 'dead', keys: null, inUse: null, result: 'straggler', reason: 'it is dead' });

  it('names keys by their ids and says who is left behind', () => {
    expect(ringText(report(), noPaint)).toEqual([
      'site · 1 of 8 keys',
      '',
      'KEY               MADE                      STATE',
      `${first}  2026-11-20T08:00:00.000Z  in use`,
    ]);
    expect(nodesText([node('a'), straggler], noPaint)[2]).toBe(
      'b     dead   straggler: it is dead  –                 –',
    );
    expect(stepLine('added', second, report({ nodes: [node('a'), straggler] }))).toBe(
      `added ${second} on 1 of 2 nodes`,
    );
    expect(stepLine('removed', first, report({ done: false }))).toContain('not removed');
  });
});
