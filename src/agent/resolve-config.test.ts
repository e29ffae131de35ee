import { describe, expect, it } from 'vitest';
import { checkSpecs } from './checks/check-specs.ts';
import type { ConfigLayer } from './config-schema.ts';
import { checkSettings, environmentSettings, nameOfHost, resolveConfig } from './resolve-config.ts';
import { flagSettings, type UpFlags } from './up-flags.ts';

const tcpOn = (port: number) => checkSpecs({ service: 'crm', url: `http://127.0.0.1:${port}` }, []);

const user = { env: {}, uid: 1000, home: '/home/ada' };

const flags = (given: UpFlags) => checkSettings(flagSettings(given));

describe('defaults', () => {
  it('of a user', () => {
    const config = resolveConfig([], user);
    expect(config).toMatchObject({
      cluster: undefined,
      open: false,
      port: 7472,
      http: { host: '127.0.0.1', port: 7471 },
      dns: { host: 'localhost', port: 7473, required: false },
      socket: '/home/ada/.fogata/agent.sock',
      data: '/home/ada/.local/state/fogata',
      seeds: [],
      advertise: [],
      profile: undefined,
      detectWithinMs: undefined,
      serve: [],
      log: { level: 'info', format: 'auto' },
    });
  });

  it('of root', () => {
    const config = resolveConfig([], { env: { XDG_STATE_HOME: '/x' }, uid: 0, home: '/root' });
    expect(config).toMatchObject({ socket: '/run/fogata/agent.sock', data: '/var/lib/fogata' });
  });

  it('with XDG_STATE_HOME', () => {
    expect(resolveConfig([], { ...user, env: { XDG_STATE_HOME: '/state' } }).data).toBe('/state/fogata');
  });

  it.each([
    ['hq', 'hq'],
    ['HQ.example.com', 'hq'],
    ['Ada’s Laptop', 'ada-s-laptop'],
    ['-a_', 'a'],
    ['…', 'node'],
    ['x'.repeat(70), 'x'.repeat(63)],
  ])('the host %j is the node %j', (host, name) => {
    expect(nameOfHost(host)).toBe(name);
  });
});

describe('who wins', () => {
  it('the command line, then the file, then the environment', () => {
    const env = checkSettings(environmentSettings({ FOGATA_NAME: 'env', FOGATA_CLUSTER: 'env', FOGATA_DATA: '/env' }));
    const file = { name: 'file', cluster: 'file', log: { level: 'debug' as const } };
    const config = resolveConfig([flags({ name: 'flag' }), file, env], user);
    expect(config).toMatchObject({
      name: 'flag',
      cluster: 'file',
      data: '/env',
      log: { level: 'debug', format: 'auto' },
    });
  });

  it('one source decides on profile and goal', () => {
    const wan = { profile: 'wan' as const };
    const goal = { detectWithin: '2s' };
    expect(resolveConfig([{}, wan, goal], user)).toMatchObject({ profile: 'wan', detectWithinMs: undefined });
    expect(resolveConfig([goal, wan], user)).toMatchObject({ profile: undefined, detectWithinMs: 2_000 });
  });

  it('joins what is served by its name', () => {
    const file = { serve: { crm: 'http://127.0.0.1:1', erp: { url: 'http://127.0.0.1:2', weight: 7 } } };
    const config = resolveConfig([flags({ serve: ['crm=http://127.0.0.1:9'] }), file], user);
    expect(config.serve).toEqual([
      { service: 'crm', url: 'http://127.0.0.1:9', weight: 100, labels: {}, checks: tcpOn(9) },
      { service: 'erp', url: 'http://127.0.0.1:2', weight: 7, labels: {}, checks: tcpOn(2) },
    ]);
  });

  it('a program has the checks it is given, by either way', () => {
    const checks = (layer: ConfigLayer) =>
      resolveConfig([layer], user).serve.flatMap((each) => each.checks.map(({ name }) => name));
    const url = 'http://127.0.0.1:1';
    expect(checks(flags({ serve: [`crm=${url}`], check: ['crm=/health', 'crm=tcp', 'crm=/health'] }))).toEqual([
      'http /health',
      'tcp',
      'http /health (2)',
    ]);
    expect(checks({ serve: { crm: { url, check: '/ready' } } })).toEqual(['http /ready']);
    expect(checks({ serve: { crm: { url, checks: ['/ready', { grpc: true }] } } })).toEqual(['http /ready', 'grpc']);
  });

  it('listens where FOGATA_AGENT sends programs', () => {
    expect(environmentSettings({ FOGATA_AGENT: '/x/a.sock' }).settings).toEqual({ socket: '/x/a.sock' });
    expect(environmentSettings({ FOGATA_AGENT: 'http://127.0.0.1:7471' }).settings).toEqual({});
  });
});

describe('the command line', () => {
  it('says the same as a file', () => {
    const given = {
      port: '7480',
      http: 'off',
      seed: ['a', '[fd00::1]:7'],
      advertise: ['203.0.113.9:7480', 'me.example'],
      serve: ['crm=http://localhost:8080/a=b'],
    };
    const config = resolveConfig([flags({ ...given, open: true })], user);
    expect(config).toMatchObject({
      port: 7480,
      http: undefined,
      open: true,
      seeds: [
        { host: 'a', port: 7472 },
        { host: 'fd00::1', port: 7 },
      ],
      advertise: [
        { host: '203.0.113.9', port: 7480 },
        { host: 'me.example', port: undefined },
      ],
      serve: [{ service: 'crm', url: 'http://localhost:8080/a=b' }],
    });
  });

  it.each([
    [{ http: '7481' }, { host: '127.0.0.1', port: 7481 }],
    [{ http: 'localhost:7481' }, { host: 'localhost', port: 7481 }],
    [{ http: '[::1]:7481' }, { host: '::1', port: 7481 }],
  ])('%j', (given, http) => {
    expect(resolveConfig([flags(given)], user).http).toEqual(http);
  });

  it.each([
    [{ dns: '53' }, { host: 'localhost', port: 53, required: true }],
    [{ dns: '127.0.0.53:53' }, { host: '127.0.0.53', port: 53, required: true }],
    [{ dns: '[::1]:53' }, { host: '::1', port: 53, required: true }],
    [{ dns: 'off' }, undefined],
  ])('%j is to be had, or the agent does not start', (given, dns) => {
    expect(resolveConfig([flags(given)], user).dns).toEqual(dns);
  });

  it.each([
    [{ profile: 'wan' }, { profile: 'wan', detectWithinMs: undefined }],
    [{ detectWithin: '1.5s' }, { profile: undefined, detectWithinMs: 1_500 }],
    [{ detectWithin: '750' }, { profile: undefined, detectWithinMs: 750 }],
  ])('%j sets the pace', (given, pace) => {
    expect(resolveConfig([flags(given)], user)).toMatchObject(pace);
  });

  it.each([
    [{ port: 'abc' }, '--port: expected a port from 1 to 65535, found "abc"'],
    [{ name: 'A' }, '--name: "A" has capital letters: names are lower-case'],
    [{ seed: ['a', 'a:x'] }, '--seed: expected HOST or HOST:PORT, found "a:x"'],
    [{ seed: ['1.2.3'] }, '--seed: expected HOST or HOST:PORT, found "1.2.3"'],
    [{ advertise: ['a:x'] }, '--advertise: expected HOST or HOST:PORT, found "a:x"'],
    [{ profile: 'mars' }, '--profile: expected one of local, lan, wan, found "mars"'],
    [{ detectWithin: 'soon' }, '--detect-within: expected a duration such as 2s, found "soon"'],
    [{ detectWithin: '2' }, '--detect-within: expected 500ms to 1m, found "2"'],
    [{ profile: 'wan', detectWithin: '2s' }, '--detect-within: a goal or a profile, not both'],
    [{ check: ['crm=/health'] }, '--check: there is no --serve crm=URL beside it'],
    [
      { serve: ['crm=http://localhost:1'], check: ['crm'] },
      '--check: expected SERVICE=PATH such as crm=/health, SERVICE=tcp or SERVICE=grpc, found "crm"',
    ],
    [{ serve: ['crm=http://localhost:1'], check: ['crm=health'] }, /^--check: expected a path such as \/health, or/],
    [{ serve: ['crm'] }, '--serve: expected SERVICE=URL such as crm=http://127.0.0.1:8080, found "crm"'],
    [{ serve: ['crm=http://localhost:1', 'crm=http://localhost:2'] }, '--serve: "crm" is given twice'],
    [{ serve: ['CRM=http://localhost:1'] }, '--serve: "CRM" has capital letters: names are lower-case'],
    [{ serve: ['crm=ftp://localhost:1'] }, /^--serve: expected http:\/\/ or tcp:\/\/, found/],
    [{ dns: '192.0.2.1:53' }, /^--dns: "192\.0\.2\.1:53" is not on loopback/],
    [{ dns: 'x' }, /^--dns: expected a port/],
    [{ http: '192.0.2.1:80' }, /^--http: "192\.0\.2\.1:80" is not on loopback/],
  ])('%j is refused', (given, message) => {
    expect(() => flags(given)).toThrow(message);
  });

  it('strategies are by service; sticky is not among them, for only the caller has the key', () => {
    const file = { strategies: { crm: 'nearest' as const, erp: 'random' as const } };
    const over = { strategies: { crm: 'round-robin' as const } };
    expect([...resolveConfig([over, file], user).strategies]).toEqual([
      ['crm', 'round-robin'],
      ['erp', 'random'],
    ]);
    expect(resolveConfig([], user).strategies.size).toBe(0);
    const nameOf = (key: string) => key;
    for (const strategy of ['sticky', 'quickest']) {
      expect(() => checkSettings({ settings: { strategies: { crm: strategy } }, nameOf })).toThrow(
        /expected one of best/,
      );
    }
  });

  it('an environment that is wrong is named', () => {
    expect(() => checkSettings(environmentSettings({ FOGATA_LOG: 'loud' }))).toThrow(/^FOGATA_LOG: expected one of/);
  });
});
