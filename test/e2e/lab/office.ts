import { type Agent, startAgent } from './agent.ts';
import type { Child } from './child.ts';
import { type Host, type Lab, openLab } from './lab.ts';
import { startProgram } from './program.ts';
import { untilTrue } from './until.ts';

/** One of the four hosts of the reference story. */
export interface Desk {
  readonly host: Host;
  agent: Agent;
  program: Child;
}

/** An ERP, a Billing and two CRM programs, each on a host of its own, and every agent sees them all. */
export interface Office {
  readonly lab: Lab;
  readonly erp: Desk;
  readonly billing: Desk;
  readonly crm1: Desk;
  readonly crm2: Desk;
  startAgent(desk: Desk, name: string): Promise<void>;
  startProgram(desk: Desk, name: string): Promise<void>;
  /** Waits until every agent sees all of it. */
  whole(): Promise<void>;
}

const serviceOf = (name: string) => name.replace(/\d$/, '');

export async function openOffice(): Promise<Office> {
  const lab = openLab();
  const launch = (host: Host, name: string) =>
    startAgent(lab, host, { name, serve: [`${serviceOf(name)}=http://127.0.0.1:8080`] });
  const desk = async (name: string): Promise<Desk> => {
    const host = lab.addHost();
    return { host, program: await startProgram(host, name), agent: await launch(host, name) };
  };
  const names = ['erp', 'billing', 'crm1', 'crm2'];
  const [erp, billing, crm1, crm2] = (await Promise.all(names.map(desk))) as [Desk, Desk, Desk, Desk];
  const office: Office = {
    lab,
    erp,
    billing,
    crm1,
    crm2,
    async startAgent(at, name) {
      at.agent = await launch(at.host, name);
    },
    async startProgram(at, name) {
      at.program = await startProgram(at.host, name);
    },
    async whole() {
      for (const each of [erp, billing, crm1, crm2]) {
        await untilTrue(`${each.agent.name} sees all`, 20_000, async () => (await upAt(each.agent)) === allUp);
      }
    },
  };
  await office.whole();
  return office;
}

const allUp = 'billing@billing crm@crm1 crm@crm2 erp@erp';

/** The instances that are up as an agent sees them: `billing@billing crm@crm1 …`. */
export async function upAt(agent: Agent): Promise<string> {
  const { services } = await agent.services();
  const all = services.flatMap(({ name, instances }) =>
    instances.filter((each) => each.state === 'up').map((each) => `${name}@${each.node}`),
  );
  return all.sort().join(' ');
}
