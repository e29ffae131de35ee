import { beforeEach, describe, expect, it } from 'vitest';
import { createFakeNode } from '../../../test/agent/fake-node.ts';
import { placeOf, queryOf, readAnswer, zoneOf } from '../../../test/agent/zone-bed.ts';
import type { FogataNode } from '../../node/node.ts';
import type { SocketAddress } from '../../protocol/socket-address.ts';
import type { Runtime } from '../../runtime/runtime.ts';
import { createWorld, type World } from '../../testing/world.ts';
import { type AgentDns, type DnsChoice, openAgentDns } from './agent-dns.ts';

let world: World;
let runtime: Runtime;
let warnings: string[];

beforeEach(() => {
  world = createWorld();
  warnings = [];
  const given = world.host('h').start().runtime;
  runtime = { ...given, log: { ...given.log, warn: (text) => void warnings.push(text) } };
});

const both: DnsChoice = { host: 'localhost', port: 7473, required: true };
const http = { host: '127.0.0.1', port: 7471 };

const open = (choice: DnsChoice | undefined, at: Runtime = runtime): Promise<AgentDns> =>
  world.complete(openAgentDns({ runtime: at, choice, http }));

async function ask(to: SocketAddress, name = 'crm.fogata'): Promise<string> {
  let text = 'silence';
  const socket = await world.complete(
    runtime.datagrams.open({
      address: to.address.includes(':') ? '::1' : '127.0.0.1',
      port: 0,
      shared: false,
      broadcast: false,
      multicastInterface: undefined,
      onDatagram(bytes) {
        const { code, answers } = readAnswer(bytes);
        text = answers[0] ?? code;
      },
      onError: (error) => void (text = error.message),
    }),
  );
  socket.send(queryOf(name, 'A'), to);
  await world.runFor(50);
  socket.close();
  return text;
}

const ipv4 = { address: '127.0.0.1', port: 7473 };
const ipv6 = { address: '::1', port: 7473 };

describe('the DNS port of an agent', () => {
  it('is there on both loopback addresses, and answers once there is a node', async () => {
    const dns = await open(both);
    expect(dns.at).toBe('127.0.0.1:7473');
    expect(await ask(ipv4)).toBe('SERVFAIL');
    const { names } = zoneOf({ services: { crm: [placeOf('db1')] } });
    dns.answerFor({ ...createFakeNode(), names } as FogataNode);
    expect(await ask(ipv4)).toBe('crm.fogata 0 A 127.0.0.1');
    expect(await ask(ipv6)).toBe('crm.fogata 0 A 127.0.0.1');
    dns.close();
    expect(await ask(ipv4)).not.toContain('crm');
  });

  it('is on one where an address is given', async () => {
    const dns = await open({ ...both, host: '127.0.0.1' });
    expect(await ask(ipv4)).toBe('SERVFAIL');
    expect(await ask(ipv6)).not.toBe('SERVFAIL');
    dns.close();
    expect((await open({ ...both, host: '::1' })).at).toBe('[::1]:7473');
  });

  it('may be left out', async () => {
    expect((await open(undefined)).at).toBeUndefined();
    expect(await ask(ipv4)).not.toBe('SERVFAIL');
    expect(warnings).toEqual([]);
  });

  it('that was asked for and is in use is a failure', async () => {
    await open(both);
    await expect(open(both)).rejects.toMatchObject({ code: 'address-in-use' });
  });

  it('that was not asked for and is in use is left out, with a warning', async () => {
    const first = await open({ ...both, required: false });
    expect((await open({ ...both, required: false })).at).toBeUndefined();
    expect(warnings).toEqual(['no DNS: its port cannot be had']);
    first.close();
    expect((await open({ ...both, required: false })).at).toBe('127.0.0.1:7473');
  });

  it('does without ::1 where that cannot be had', async () => {
    const taken = await world.complete(runtime.streams.listen(ipv6, (stream) => stream.destroy()));
    expect((await open(both)).at).toBe('127.0.0.1:7473');
    expect(warnings).toEqual([]);
    taken.close();
  });
});
