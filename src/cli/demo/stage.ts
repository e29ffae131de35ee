import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Mesh } from '../../api/mesh.ts';
import { FogataError } from '../../protocol/fogata-error.ts';
import type { Clock } from '../../runtime/clock.ts';
import { type CallReport, readCallReport } from './call-report.ts';
import { type Child, type Children, createChildren } from './children.ts';
import { createHost, type Host } from './host.ts';

/** Enough to see a gap of a tenth of a second, little enough for a small machine. */
export const callsPerSecond = 50;

/** Nine processes of Node on a slow machine. */
const readyMsMax = 15_000;
const askIntervalMs = 50;

/** Everything the demo has set up: all is running, and the ERP may begin to ask. */
export interface Stage {
  readonly erpPort: number;
  /** The place of the demo itself in the cluster: through the ERP's agent. */
  readonly mesh: Mesh;
  host(name: string): Host;
  /** Lets the ERP begin. */
  startCalls(onReport: (report: CallReport) => void): void;
  /** Lets calls under way end, and resolves when the ERP has reported all of them. */
  stopCalls(): Promise<void>;
  /** Resolves when so many instances of the CRM are up. */
  crmsUp(count: number): Promise<void>;
}

export interface StageKeys {
  readonly children: Children;
  /** Leaves the cluster with all that is torn down, also where that has been done: else this process would look for its agent for ever. */
  leaves(mesh: Pick<Mesh, 'close'>): void;
  /** Ends every process and removes the directory. Safe to call twice. */
  tearDown(): Promise<void>;
  readonly directory: string;
}

export function stageKeys(): StageKeys {
  const directory = mkdtempSync(join(tmpdir(), 'fogata-demo-'));
  const children = createChildren(directory);
  const meshes: Pick<Mesh, 'close'>[] = [];
  let isDown = false;
  const leave = (mesh: Pick<Mesh, 'close'>): void => void mesh.close().catch(() => undefined);
  return {
    children,
    directory,
    leaves(mesh) {
      if (isDown) leave(mesh);
      else meshes.push(mesh);
    },
    async tearDown() {
      isDown = true;
      meshes.splice(0).forEach(leave);
      await children.killAll();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** The four hosts, with nothing running on them. */
export function createHosts({ children, directory }: StageKeys, cluster: string): Promise<readonly Host[]> {
  const parts = [
    { name: 'erp', program: 'ERP', service: undefined },
    { name: 'billing', program: 'Billing', service: 'billing' },
    { name: 'crm1', program: 'CRM', service: 'crm' },
    { name: 'crm2', program: 'CRM', service: 'crm' },
  ];
  return Promise.all(parts.map((part) => createHost({ ...part, cluster, directory, children })));
}

/** Starts all that runs on the hosts, and resolves when everybody knows everybody. */
export async function setStage(hosts: readonly Host[], keys: StageKeys, clock: Clock): Promise<Stage> {
  const erp = hosts[0] as Host;
  for (const host of hosts) host.startAgent();
  await Promise.all(hosts.slice(1).map((host) => host.startServer()));
  const mesh = await meshOf(erp, clock);
  keys.leaves(mesh);
  await until(clock, () => everybodyKnows(mesh), 'the four agents did not find each other', hosts);
  return createStage(hosts, mesh, keys.children, clock);
}

function createStage(hosts: readonly Host[], mesh: Mesh, children: Children, clock: Clock): Stage {
  const erp = hosts[0] as Host;
  let caller: Child | undefined;
  return {
    erpPort: erp.httpPort,
    mesh,
    host: (name) => hosts.find((host) => host.name === name) as Host,
    startCalls(onReport) {
      caller = children.start('erp', 'erp-program', [String(erp.httpPort), String(callsPerSecond)], (line) => {
        const report = readCallReport(line);
        if (report !== undefined) onReport(report);
      });
    },
    async stopCalls() {
      caller?.write('stop');
      await caller?.gone;
    },
    crmsUp: (count) =>
      until(clock, async () => (await instancesUp(mesh, 'crm')) >= count, `${count} CRMs did not come up`, hosts),
  };
}

/** The first agent takes a moment until its socket is there. */
async function meshOf(host: Host, clock: Clock): Promise<Mesh> {
  const { connect } = await import('../../client/connect.ts');
  let mesh: Mesh | undefined;
  const tryOnce = async (): Promise<boolean> => {
    mesh = await connect({ agent: host.socket, program: 'fogata-demo' }).catch(() => undefined);
    return mesh !== undefined;
  };
  await until(clock, tryOnce, 'the agent did not start', [host]);
  return mesh as unknown as Mesh;
}

async function everybodyKnows(mesh: Mesh): Promise<boolean> {
  const { nodes } = await mesh.nodes();
  const [crms, billings] = await Promise.all([instancesUp(mesh, 'crm'), instancesUp(mesh, 'billing')]);
  return nodes.filter((node) => node.state === 'alive').length === 4 && crms === 2 && billings === 1;
}

async function instancesUp(mesh: Mesh, service: string): Promise<number> {
  const { services } = await mesh.services();
  const found = services.find((each) => each.name === service);
  return found?.instances.filter((instance) => instance.state === 'up').length ?? 0;
}

/** Asks again and again. Rejects with what the agents had to say when it takes too long or one of them has gone. */
async function until(
  clock: Clock,
  isSo: () => Promise<boolean>,
  otherwise: string,
  hosts: readonly Host[],
): Promise<void> {
  const giveUpAt = clock.now() + readyMsMax;
  while (!(await isSo())) {
    if (clock.now() > giveUpAt || hosts.some((host) => host.agent?.isRunning === false)) {
      const said = hosts.map((host) => host.agent?.errorText.trim()).find((text) => text !== undefined && text !== '');
      throw new FogataError('failed', said === undefined ? otherwise : `${otherwise}: ${said.split('\n').at(-1)}`);
    }
    await pause(clock, askIntervalMs);
  }
}

export function pause(clock: Clock, ms: number): Promise<void> {
  return new Promise((resolve) => {
    clock.schedule(ms, resolve);
  });
}
