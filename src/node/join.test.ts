import { describe, expect, it } from 'vitest';
import { isName } from '../protocol/names.ts';
import type { Log } from '../runtime/log.ts';
import { silentLog } from '../runtime/log.ts';
import { type JoinOptions, join, nameOfProcess, nodeOptionsOf } from './join.ts';

describe('join', () => {
  it.each([
    ['db1', 7, 'db1-7'],
    ['DB1.example.org', 7, 'db1-7'],
    ['my_host', 42, 'my-host-42'],
    ['', 7, 'node-7'],
    ['---', 7, 'node-7'],
    ['é', 7, 'node-7'],
    ['x'.repeat(80), 4_194_304, `${'x'.repeat(55)}-4194304`],
  ])('names the process of %j %i %j', (host, pid, name) => {
    expect(nameOfProcess(host, pid)).toBe(name);
    expect(isName(name)).toBe(true);
  });

  it('fills in what is not said', () => {
    const options = nodeOptionsOf({});
    expect(options).toMatchObject({ cluster: 'fogata', open: false, port: 7472, beaconPort: 7470, timing: 'local' });
    expect(isName(options.name)).toBe(true);
  });

  it('reads seeds', () => {
    expect(nodeOptionsOf({ seeds: ['db1', '192.0.2.1:9000'] }).seeds).toEqual([
      { host: 'db1', port: 7472 },
      { host: '192.0.2.1', port: 9000 },
    ]);
  });

  it('reads what is to be advertised, with or without a port', () => {
    const advertise = ['me.example', '203.0.113.9:7480', 'fd00::9', '[fd00::9]:7480', '[fd00::9]'];
    expect(nodeOptionsOf({ advertise }).advertise).toEqual([
      { host: 'me.example', port: undefined },
      { host: '203.0.113.9', port: 7480 },
      { host: 'fd00::9', port: undefined },
      { host: 'fd00::9', port: 7480 },
      { host: 'fd00::9', port: undefined },
    ]);
  });

  it.each([
    [{ name: 'A' }, /name: .*lower-case/],
    [{ cluster: '' }, /cluster: /],
    [{ port: 0 }, /port is a port/],
    [{ beaconPort: 65_536 }, /beaconPort/],
    [{ seeds: ['a b'] }, /seeds: .*"a b"/],
    [{ seeds: 'db1' }, /seeds is a list/],
    [{ seeds: [5] }, /seeds: .*5/],
    [{ advertise: [{}] }, /advertise: /],
    [{ detectWithinMs: '1000' }, /detectWithinMs is 500 to 60000/],
  ])('refuses %o', (options, message) => {
    expect(() => nodeOptionsOf(options as JoinOptions)).toThrow(message);
  });

  it.each([null, 5, {}, { ...silentLog, warn: undefined }])(
    'takes no log %j that cannot be written to',
    async (log) => {
      await expect(join({ log: log as unknown as Log })).rejects.toMatchObject({ code: 'invalid' });
    },
  );

  it.each([import.meta.filename, 'no\0name', 5])('says that nothing is to be read from %j', async (data) => {
    await expect(join({ data: data as string })).rejects.toMatchObject({ name: 'FogataError', code: 'storage' });
  });
});
