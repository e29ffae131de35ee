import { z } from 'zod';
import type { Delivery, DeliveryReply } from '../delivery/provider.ts';
import type { Settlement } from '../delivery/settlement.ts';
import type { FogataNode } from '../node/node.ts';
import { fromBody } from '../protocol/body.ts';
import { FogataError } from '../protocol/fogata-error.ts';
import { agentService, checkName } from '../protocol/names.ts';
import { serviceStates } from '../protocol/service-entry.ts';
import { type RuleChange, type RuleReport, ruledWeightMax, type ServiceRules } from './service-rules.ts';

export const ruleChangeSchema = z
  .strictObject({
    drained: z.boolean().optional().meta({ description: 'Work in hand ends, nothing new comes.' }),
    weight: z
      .int()
      .min(0)
      .max(ruledWeightMax)
      .nullable()
      .optional()
      .meta({ description: "0: only where there is no other; null: the program's own." }),
  })
  .meta({ id: 'RuleChange' });

export const ruleReportSchema = z
  .object({
    service: z.string(),
    node: z.string(),
    state: z.enum(serviceStates).nullable(),
    drained: z.boolean(),
    weight: z.int().nullable(),
    inFlight: z.int(),
  })
  .meta({ id: 'RuleReport' });

const askedSchema = z.object({ service: z.string(), change: ruleChangeSchema });

/** Agents answer from memory; on the way there may be a link to dial. */
const deadlineMs = 5_000;

/** The commands of `fogata.agent` [A1]. */
const command = 'rule';
/** [A3] Sends back what it got: to measure the way. */
export const echoCommand = 'echo';

/** Rules of services on whichever node. */
export interface RuleRequests {
  /** An empty change only asks. Rejects with FogataError. */
  send(node: string, service: string, change: RuleChange): Promise<RuleReport>;
}

export function createRuleRequests(node: FogataNode, rules: ServiceRules): RuleRequests {
  async function perform(service: string, change: RuleChange): Promise<RuleReport> {
    const wrong = checkName(service);
    if (wrong !== undefined) throw new FogataError('invalid', wrong);
    const isQuestion = change.drained === undefined && change.weight === undefined;
    return isQuestion ? rules.report(service) : rules.change(service, change);
  }

  /** [A2] Without a key anybody on the network could say it. */
  async function answer(delivery: Delivery): Promise<RuleReport> {
    if (node.posture === 'open') {
      throw new FogataError(
        'not-allowed',
        'an open cluster has no operators: do it on the host itself, or give it a key',
      );
    }
    if (delivery.head.command !== command) throw new FogataError('unknown-command', 'the agent knows no such command');
    const body = fromBody('json', delivery.body);
    const asked = askedSchema.safeParse(body.ok ? body.value : undefined);
    if (!asked.success)
      throw new FogataError('invalid', 'the request is not understood here: are versions too far apart?');
    return perform(asked.data.service, asked.data.change);
  }

  const provider = {
    open: undefined,
    deliver(delivery: Delivery, respond: (reply: DeliveryReply) => void): () => void {
      if (delivery.head.command === echoCommand) {
        respond(echoed(delivery));
        return () => undefined;
      }
      answer(delivery).then(
        (report) => respond(answered(report)),
        (error: unknown) => respond(refused(FogataError.from(error))),
      );
      return () => undefined;
    },
  };
  const kinds = { messages: true, http: false, streams: false };
  node.provide(agentService, provider, { kinds, weight: 100, labels: {}, inFlightMax: 64, isUnlisted: true });

  return {
    send(where, service, change) {
      if (where === node.name || where === node.id) return perform(service, change);
      return new Promise((resolve, reject) => {
        const body = new TextEncoder().encode(JSON.stringify({ service, change }));
        const facts = { id: undefined, params: {}, bodyKind: 'json', replyWanted: true, fromService: '' } as const;
        node.askAgent(where, { ...facts, command, body, idempotent: true, deadlineMs }, (settlement) => {
          const report = reportOf(settlement);
          if (report instanceof FogataError) reject(report);
          else resolve(report);
        });
      });
    },
  };
}

function reportOf({ outcome, code, reason, body }: Settlement): RuleReport | FogataError {
  if (outcome !== 'answered') return new FogataError(code ?? 'failed', reason);
  const decoded = fromBody('json', body);
  const report = ruleReportSchema.safeParse(decoded.ok ? decoded.value : undefined);
  return report.success ? report.data : new FogataError('protocol', 'the answer of that agent is not understood');
}

const nothing = { params: {}, bodyKind: 'none', body: new Uint8Array(0) } as const;

function answered(report: RuleReport): DeliveryReply {
  const body = new TextEncoder().encode(JSON.stringify(report));
  return { outcome: 'answered', code: undefined, reason: '', params: {}, bodyKind: 'json', body };
}

function echoed({ head, body }: Delivery): DeliveryReply {
  return { outcome: 'answered', code: undefined, reason: '', params: {}, bodyKind: head.bodyKind, body };
}

function refused({ code, message }: FogataError): DeliveryReply {
  return { ...nothing, outcome: 'refused', code, reason: message };
}
