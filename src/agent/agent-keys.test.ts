import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createFakeNode } from '../../test/agent/fake-node.ts';
import { FogataError } from '../protocol/fogata-error.ts';
import { silentLog } from '../runtime/log.ts';
import { systemRuntime } from '../runtime/system-runtime.ts';
import { systemStorage } from '../runtime/system-storage.ts';
import { loadRing } from '../trust/ring-file.ts';
import { encodeToken } from '../trust/token.ts';
import { type AgentKeys, createAgentKeys } from './agent-keys.ts';
import { readToken, storeGiven } from './local-keys.ts';

let directory: string;
let keys: AgentKeys;
let changes: (() => Promise<void>)[];

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'fogata-keys-'));
  changes = [];
  const runtime = systemRuntime({ storage: systemStorage(directory), log: silentLog });
  keys = createAgentKeys({ runtime, node: createFakeNode(), restartWith: (change) => void changes.push(change) });
});

afterEach(() => rm(directory, { recursive: true, force: true }));

const codeOf = async (asked: () => Promise<unknown>) =>
  asked().then(
    () => 'done',
    (error: unknown) => FogataError.from(error).code,
  );

describe('the keys of an agent', () => {
  it('init stores a ring for its owner alone, while no node runs, and once', async () => {
    const made = await keys.init('site');
    expect(await loadRing(systemStorage(directory))).toBeUndefined();
    await changes[0]?.();
    expect(await loadRing(systemStorage(directory))).toMatchObject({ cluster: 'site', inUse: made.key });
    expect((await stat(join(directory, 'keys.json'))).mode & 0o777).toBe(0o600);
    expect(await codeOf(() => keys.init('site'))).toBe('not-allowed');
    expect(await codeOf(() => keys.init('other'))).toBe('not-allowed');
  });

  it('init without a name keeps the cluster the agent is in, and refuses what is no name', async () => {
    expect(await keys.init(undefined)).toMatchObject({ cluster: 'fogata', inviter: null });
    expect(await codeOf(() => keys.init('Not A Name'))).toBe('invalid');
  });

  it('without a key there is nobody to invite and no ring to change', async () => {
    expect(await codeOf(() => keys.invite(60_000, 1))).toBe('not-allowed');
    expect(await codeOf(async () => keys.ring())).toBe('not-allowed');
  });

  it('join says what is wrong with a token, and keeps the key of another cluster', async () => {
    const token = { cluster: 'site', addresses: [], invitation: '0011223344556677', secret: new Uint8Array(16) };
    const text = encodeToken({ ...token, expiresAt: 1 });
    expect(() => readToken('hello')).toThrow('no token');
    expect(() => readToken(text.slice(0, -3))).toThrow('typo');
    expect(await codeOf(() => keys.join(text, false))).toBe('unreachable');
    await keys.init('other');
    await changes[0]?.();
    expect(await codeOf(() => keys.join(text, false))).toBe('not-allowed');
    expect(await codeOf(() => keys.join(text, true))).toBe('unreachable');
  });

  it('join remembers who let it in', async () => {
    const storage = systemStorage(directory);
    await keys.init('site');
    await changes[0]?.();
    const state = await loadRing(storage);
    if (state === undefined) throw new Error('it was stored');
    const address = { address: '192.0.2.1', port: 7472 };
    await storeGiven(storage, { state, inviter: { node: '0011223344556677', name: 'hq', address } });
    const peers = JSON.parse(new TextDecoder().decode(await storage.read('peers'))) as object;
    expect(peers).toEqual({ cluster: 'site', peers: [{ id: '0011223344556677', name: 'hq', addresses: [address] }] });
  });
});
