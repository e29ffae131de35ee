import type { Host } from './host.ts';
import type { Stage } from './stage.ts';

/** One scene: what the viewer is told, what is done, and how long it may be looked at. */
export interface Act {
  readonly title: string;
  /** One or two lines of at most 73 characters. */
  readonly story: readonly string[];
  readonly watchMs: number;
  /** What is killed: how soon the ERP's agent knew is told. */
  readonly strikes?: { readonly what: 'program' | 'host'; readonly name: string };
  readonly perform: () => Promise<void> | void;
}

interface ActTimes {
  readonly calmMs: number;
  readonly struckMs: number;
  readonly healedMs: number;
}

const shortTimes: ActTimes = { calmMs: 2_500, struckMs: 3_000, healedMs: 1_500 };
const longTimes: ActTimes = { calmMs: 8_000, struckMs: 8_000, healedMs: 6_000 };

/** The scenes in their order. Each is made when it is its turn, so that the victim is who answers most at that moment. */
export function* actsOf(stage: Stage, choose: () => Host, once: boolean): Generator<Act, void, undefined> {
  const times = once ? shortTimes : longTimes;
  yield calmAct(stage, times);
  const victim = choose();
  yield killProgramAct(victim, times);
  yield restartProgramAct(stage, victim, times);
  if (once) return;
  const host = choose();
  yield killHostAct(host, times);
  yield restartHostAct(stage, host, times);
}

function calmAct(stage: Stage, times: ActTimes): Act {
  return {
    title: 'The ERP calls the CRM',
    story: [
      `It asks http://crm.localhost:${stage.erpPort}, the agent on its own host, which picks`,
      'the better of two CRMs for each call. Nobody has been given an address.',
    ],
    watchMs: times.calmMs,
    perform() {},
  };
}

function killProgramAct(victim: Host, times: ActTimes): Act {
  return {
    title: `kill -9: the CRM on ${victim.name} dies, in mid-stream`,
    story: [
      'Calls it had not answered are asked again at the other one, at once.',
      'The ERP gets its answers and sees nothing of it.',
    ],
    watchMs: times.struckMs,
    strikes: { what: 'program', name: victim.name },
    perform: () => victim.server?.kill('SIGKILL'),
  };
}

function restartProgramAct(stage: Stage, victim: Host, times: ActTimes): Act {
  return {
    title: `The CRM on ${victim.name} is started again`,
    story: [
      'Its agent sees the port answer again and tells the others: within moments',
      'it has its share of the calls.',
    ],
    watchMs: times.healedMs,
    async perform() {
      await victim.startServer();
      await stage.crmsUp(2);
    },
  };
}

function killHostAct(victim: Host, times: ActTimes): Act {
  return {
    title: `The plug is pulled: all of host ${victim.name} is gone`,
    story: [
      'Agent and program die together; nobody is left to say goodbye. The others',
      'notice the broken link, ask again elsewhere, and agree that the host is dead.',
    ],
    watchMs: times.struckMs,
    strikes: { what: 'host', name: victim.name },
    perform: () => victim.killAll(),
  };
}

function restartHostAct(stage: Stage, victim: Host, times: ActTimes): Act {
  return {
    title: `Host ${victim.name} is back`,
    story: ['Its agent announces itself. It is known under its old id, and is one of the', 'circle again.'],
    watchMs: times.healedMs,
    async perform() {
      victim.startAgent();
      await victim.startServer();
      await stage.crmsUp(2);
    },
  };
}
