import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Child, startChild } from './child.ts';
import type { Host, Lab } from './lab.ts';
import { runTool } from './run-tool.ts';
import { until } from './until.ts';

/** A real avahi-daemon on a host, with a bus of its own. */
export interface Avahi {
  /** The lines of `avahi-browse -rpt`: those of resolved instances begin with `=`. */
  browse(type: string): string[];
  /** Instances of whatever types there are. */
  browseAll(): string[];
  /** Until it is killed. */
  publish(name: string, type: string, port: number, texts?: readonly string[]): Child;
}

export function isAvahiHere(): boolean {
  try {
    runTool('sh', ['-c', 'command -v avahi-daemon avahi-browse avahi-publish dbus-daemon']);
    return true;
  } catch {
    return false;
  }
}

/** `name` is unique in the lab. Resolves when the daemon answers. */
export async function startAvahi(lab: Lab, host: Host, name: string): Promise<Avahi> {
  const folder = join(lab.folder, name);
  mkdirSync(folder);
  const file = (path: string, text: string): string => {
    writeFileSync(join(folder, path), text);
    return join(folder, path);
  };
  const address = `unix:path=${join(folder, 'bus')}`;
  const busFile = file('bus.conf', busConfig(address));
  const daemonFile = file('avahi.conf', daemonConfig(name));
  // Its pid file has a fixed place, so each has a /run of its own.
  const script = `mount -t tmpfs run /run && mkdir /run/avahi-daemon && exec avahi-daemon --no-drop-root --no-chroot --no-rlimits -f ${daemonFile}`;
  const env = { DBUS_SYSTEM_BUS_ADDRESS: address };
  const inside = ['netns', 'exec', host.namespace];
  startChild('ip', [...inside, 'dbus-daemon', `--config-file=${busFile}`, '--nofork'], env);
  await until('the bus', 5_000, () => {
    runTool('sh', ['-c', `test -S ${join(folder, 'bus')}`]);
    return true;
  });
  startChild('ip', [...inside, 'unshare', '-m', 'sh', '-c', script], env);
  const run = (command: string, args: readonly string[]) =>
    runTool('ip', [...inside, 'env', `DBUS_SYSTEM_BUS_ADDRESS=${address}`, command, ...args]);
  await until('avahi', 10_000, () => {
    run('avahi-browse', ['-t', '_nobody._udp']);
    return true;
  });
  return {
    browseAll: () => run('avahi-browse', ['-apt']).split('\n'),
    browse: (type) =>
      run('avahi-browse', ['-rpt', type])
        .split('\n')
        .filter((line) => line !== ''),
    publish: (instance, type, port, texts = []) =>
      startChild('ip', [...inside, 'avahi-publish', '-s', instance, type, String(port), ...texts], env),
  };
}

function busConfig(address: string): string {
  return `<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-BUS Bus Configuration 1.0//EN" "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>system</type>
  <listen>${address}</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow user="*"/>
    <allow own="*"/>
    <allow send_destination="*"/>
    <allow receive_sender="*"/>
  </policy>
</busconfig>
`;
}

function daemonConfig(name: string): string {
  return `[server]
host-name=${name}
use-ipv4=yes
use-ipv6=yes
allow-interfaces=eth0
[publish]
publish-workstation=no
publish-hinfo=no
`;
}
