import { describe, expect, it } from 'vitest';
import { FogataError } from '../protocol/fogata-error.ts';
import { parseConfigFile } from './config-file.ts';

function problems(text: string): string[] {
  try {
    parseConfigFile('fogata.yaml', text);
  } catch (error) {
    if (!(error instanceof FogataError)) throw error;
    expect(error.code).toBe('config');
    return error.message.split('\n');
  }
  return [];
}

describe('a good file', () => {
  it('may be empty', () => {
    expect(parseConfigFile('f', '')).toEqual({});
    expect(parseConfigFile('f', '# nothing but a remark\n')).toEqual({});
  });

  it('may say everything', () => {
    const text = `
name: hq
cluster: shop
open: true
port: 7480
http: 127.0.0.1:7481
socket: /run/fogata/a.sock
data: /var/lib/fogata
profile: wan
seeds: [10.0.0.1, "db.example:7472", "[fd00::1]:7472"]
serve:
  crm: http://127.0.0.1:8080
  erp: { url: "http://localhost:8081/api", weight: 50, labels: { zone: north } }
log: { level: debug, format: json }
`;
    expect(parseConfigFile('f', text)).toEqual({
      name: 'hq',
      cluster: 'shop',
      open: true,
      port: 7480,
      http: '127.0.0.1:7481',
      socket: '/run/fogata/a.sock',
      data: '/var/lib/fogata',
      profile: 'wan',
      seeds: ['10.0.0.1', 'db.example:7472', '[fd00::1]:7472'],
      serve: {
        crm: 'http://127.0.0.1:8080',
        erp: { url: 'http://localhost:8081/api', weight: 50, labels: { zone: 'north' } },
      },
      log: { level: 'debug', format: 'json' },
    });
  });

  it('checks in every kind', () => {
    const checks = `serve:
  crm:
    url: http://127.0.0.1:8080
    checks:
      - /health
      - { http: "https://127.0.0.1:8443/health", status: [200, 204, 300-399], contains: ok, tls: { insecure: true } }
      - { tcp: true, port: 5432, interval: 500ms, timeout: 200ms, rise: 2, fall: 3, grace: 30s }
      - { command: [/usr/lib/check_disk, -w, "10%"], name: disk }
      - { command: "test -e /run/ready", timeout: 1s }
      - { heartbeat: 10s }
      - { grpc: my.Orders, port: 9090 }
      - { udp: "hex:0a0b", expect: pong, port: 53 }
`;
    expect(problems(checks)).toEqual([]);
  });

  it.each([
    'http: off',
    'http: 7471',
    'http: "[::1]:7471"',
    'http: localhost:80',
    'dns: off',
    'dns: 53',
    'dns: 127.0.0.53:53',
  ])('%s', (text) => {
    expect(problems(text)).toEqual([]);
  });

  it.each(['500ms', '0.5s', '1m', '60s', '500', '60000'])('detectWithin: %s', (goal) => {
    expect(problems(`detectWithin: ${goal}`)).toEqual([]);
  });
});

describe('what is wrong is told with its place', () => {
  it.each([
    ['a misspelt key', 'name: a\nsevre:\n  crm: x', '2:1: unknown key "sevre" (did you mean "serve"?)'],
    ['a strange key', 'zzz: 1', /1:1: unknown key "zzz" \(there are name, cluster, /],
    [
      'a misspelt key of a target',
      'serve:\n  crm:\n    url: http://127.0.0.1:1\n    wieght: 2',
      '4:5: unknown key "wieght" (did you mean "weight"?)',
    ],
    ['a misspelt key of log', 'log:\n  levl: info', '2:3: unknown key "levl" (did you mean "level"?)'],
    ['a number for a name', 'name: 5', '1:7: name: expected a name, found 5'],
    ['capitals in a name', 'name: HQ', '1:7: name: "HQ" has capital letters: names are lower-case'],
    ['an empty name', 'cluster: ""', '1:10: cluster: a name must not be empty'],
    [
      'a bad service name',
      'serve:\n  "-crm": http://127.0.0.1:1',
      '2:3: serve: "-crm" must begin and end with a letter or a digit',
    ],
    ['port 0', 'port: 0', '1:7: port: expected a port from 1 to 65535, found 0'],
    ['port 65536', 'port: 65536', '1:7: port: expected a port from 1 to 65535, found 65536'],
    ['half a port', 'port: 1.5', '1:7: port: expected a port from 1 to 65535, found 1.5'],
    ['no value', 'name: a\nport:', '2:6: port: expected a port from 1 to 65535, found nothing'],
    ['open as text', 'open: yes please', '1:7: open: expected true or false, found "yes please"'],
    [
      'a level that is none',
      'log: {level: loud}',
      '1:14: log.level: expected one of debug, info, warn, error, silent, found "loud"',
    ],
    ['http on all addresses', 'http: 0.0.0.0:7471', /1:7: http: "0\.0\.0\.0:7471" is not on loopback: .* put a proxy/],
    ['http as a list', 'http: [1]', '1:7: http: expected a port, "HOST:PORT" or "off", found a list'],
    ['http as a word', 'http: on', '1:7: http: expected a port, "HOST:PORT" or "off", found "on"'],
    ['http port 0', 'http: 0', '1:7: http: expected a port from 1 to 65535, found 0'],
    ['a profile that is none', 'profile: mars', '1:10: profile: expected one of local, lan, wan, found "mars"'],
    ['a goal in words', 'detectWithin: soon', '1:15: detectWithin: expected a duration such as 2s, found "soon"'],
    ['a goal that is a list', 'detectWithin: [2s]', '1:15: detectWithin: expected a duration such as 2s, found a list'],
    ['no goal', 'detectWithin:', '1:14: detectWithin: expected a duration such as 2s, found nothing'],
    ['a goal without unit', 'detectWithin: 2', '1:15: detectWithin: expected 500ms to 1m, found 2'],
    ['too soon a goal', 'detectWithin: 499ms', '1:15: detectWithin: expected 500ms to 1m, found "499ms"'],
    ['too late a goal', 'detectWithin: 60001ms', '1:15: detectWithin: expected 500ms to 1m, found "60001ms"'],
    ['a profile and a goal', 'profile: wan\ndetectWithin: 2s', '2:15: detectWithin: a goal or a profile, not both'],
    ['seeds as text', 'seeds: a', '1:8: seeds: expected a list of HOST[:PORT], found "a"'],
    ['a bad seed', 'seeds:\n  - a:1\n  - a:b', '3:5: seeds.1: expected HOST or HOST:PORT, found "a:b"'],
    [
      'a URL that is none',
      'serve:\n  crm: localhost',
      '2:8: serve.crm: expected an address such as http://127.0.0.1:8080, found "localhost"',
    ],
    [
      'a URL of another kind',
      'serve: { crm: "https://localhost:1" }',
      /1:15: serve\.crm: expected http:\/\/ or tcp:\/\/, found "https:\/\/localhost:1"/,
    ],
    [
      'a URL elsewhere',
      'serve: { crm: "http://db1.example:1" }',
      /1:15: serve\.crm: "http:\/\/db1\.example:1" is a name of another host/,
    ],
    ['a URL with a password', 'serve: { crm: "http://a:b@localhost:1" }', /carries a user name or password/],
    ['a URL with a query', 'serve: { crm: "http://localhost:1/?a" }', /has a query or fragment/],
    [
      'a target without URL',
      'serve:\n  crm:\n    weight: 1',
      '3:5: serve.crm.url: expected an address such as http://127.0.0.1:8080, found nothing',
    ],
    [
      'a target that is a number',
      'serve: { crm: 5 }',
      '1:15: serve.crm: expected an address such as http://127.0.0.1:8080, or url, weight, labels and checks, found 5',
    ],
    [
      'weight 0',
      'serve: { crm: { url: "http://localhost:1", weight: 0 } }',
      '1:52: serve.crm.weight: expected a whole number from 1 to 1000, found 0',
    ],
    [
      'a check of an unknown kind',
      'serve:\n  crm:\n    url: http://127.0.0.1:1\n    check: { htp: /health }',
      '4:14: unknown key "htp" (did you mean "http"?)',
    ],
    [
      'a check of two kinds',
      'serve:\n  crm:\n    url: http://127.0.0.1:1\n    check: { http: /health, tcp: true }',
      '4:12: serve.crm.check: a check is one of http, tcp, command, heartbeat, grpc, udp, found http and tcp',
    ],
    [
      'a check of no kind',
      'serve:\n  crm:\n    url: http://127.0.0.1:1\n    checks:\n      - interval: 1s',
      '5:9: serve.crm.checks.0: a check is one of http, tcp, command, heartbeat, grpc, udp, found none',
    ],
    [
      'a check with what is another kind s',
      'serve:\n  crm:\n    url: http://127.0.0.1:1\n    check: { tcp: true, status: 200 }',
      '4:33: serve.crm.check.status: goes with http, not with tcp',
    ],
    [
      'an interval that is too short',
      'serve:\n  crm:\n    url: http://127.0.0.1:1\n    check: { http: /health, interval: 99ms }',
      '4:39: serve.crm.check.interval: expected 100ms to 1h, found "99ms"',
    ],
    [
      'a timeout longer than the interval',
      'serve:\n  crm:\n    url: http://127.0.0.1:1\n    check: { http: /health, interval: 1s, timeout: 2s }',
      '4:52: serve.crm.check.timeout: is longer than the interval',
    ],
    [
      'a check of another host',
      'serve:\n  crm:\n    url: http://127.0.0.1:1\n    check: http://10.0.0.1/health',
      /4:12: serve.crm.check: "http:\/\/10.0.0.1\/health" is not on this host/,
    ],
    [
      'a bad pattern',
      'serve:\n  crm:\n    url: http://127.0.0.1:1\n    check: { http: /health, matches: "(" }',
      /4:38: serve.crm.check.matches: Invalid regular expression/,
    ],
    [
      'one check and a list',
      'serve:\n  crm:\n    url: http://127.0.0.1:1\n    check: /a\n    checks: [/b]',
      '5:13: serve.crm.checks: one check or a list of checks, not both',
    ],
    [
      'nine checks',
      'serve:\n  crm:\n    url: http://127.0.0.1:1\n    checks: [/1, /2, /3, /4, /5, /6, /7, /8, /9]',
      /4:13: serve.crm.checks: expected an instance has at most 8 checks/,
    ],
    [
      'the same service twice',
      'serve:\n  crm: http://127.0.0.1:1\n  crm: http://127.0.0.1:2',
      '3:3: "crm" stands here twice',
    ],
    ['text', 'hello', '1:1: expected a map of settings, found "hello"'],
    ['a list', '- a', '1:1: expected a map of settings, found a list'],
  ] as const)('%s', (_, text, expected) => {
    const found = problems(text);
    expect(found).toHaveLength(1);
    if (typeof expected === 'string') expect(found[0]).toBe(`fogata.yaml:${expected}`);
    else expect(found[0]).toMatch(expected);
  });

  it('text that is no YAML', () => {
    expect(problems('name: "a\n')[0]).toMatch(/^fogata\.yaml:\d+:\d+: Missing closing/);
    expect(problems('name: a\ncluster: *a')[0]).toMatch(/^fogata\.yaml:2:10: .*alias/i);
    expect(problems('name: a\n---\nname: b')[0]).toMatch(/^fogata\.yaml:2:1: a second document begins here/);
  });

  it('several at once, in the order of the file, not without end', () => {
    expect(problems('zz: 1\nport: 0\nname: A')).toEqual([
      expect.stringMatching(/^fogata\.yaml:1:1: unknown key "zz"/),
      expect.stringMatching(/^fogata\.yaml:2:7: port/),
      expect.stringMatching(/^fogata\.yaml:3:7: name/),
    ]);
    const many = Array.from({ length: 15 }, (_, i) => `zz${i}: 1`).join('\n');
    expect(problems(many)).toHaveLength(11);
    expect(problems(many).at(-1)).toBe('and 5 more');
  });

  it('labels up to the bound', () => {
    const target = (count: number, bytes: number) => {
      const labels = Object.fromEntries(Array.from({ length: count }, (_, i) => [`k${i}`, 'x'.repeat(bytes)]));
      return JSON.stringify({ serve: { crm: { url: 'http://localhost:1', labels } } });
    };
    expect(problems(target(16, 255))).toEqual([]);
    expect(problems(target(17, 1))[0]).toMatch(/a service has at most 16 labels/);
    expect(problems(target(1, 256))[0]).toMatch(/a label has at most 255 bytes/);
    const named = JSON.stringify({ serve: { crm: { url: 'http://localhost:1', labels: { 'a=b': 'c' } } } });
    expect(problems(named)[0]).toMatch(/the name of a label/);
  });
});
