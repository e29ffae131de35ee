import type { HttpBindings } from '@hono/node-server';
import type { RouteConfig } from '@hono/zod-openapi';
import type { Hono } from 'hono';
import type { z } from 'zod';
import type { FogataNode } from '../node/node.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Random } from '../runtime/random.ts';
import type { AgentKeys } from './agent-keys.ts';
import type { AgentStatus } from './agent-status.ts';
import type { LocalTargets } from './local-targets.ts';
import type { RuleRequests } from './rule-requests.ts';

/** Each request bears what it came by. */
export interface ApiBindings {
  readonly Bindings: HttpBindings;
}

/** What the routes of the HTTP API work with. */
export interface ApiContext {
  readonly app: Hono<ApiBindings>;
  /** What `describeRoute` was told. */
  readonly described: Described[];
  readonly node: FogataNode;
  readonly clock: Clock;
  readonly random: Random;
  readonly targets: LocalTargets;
  readonly status: () => AgentStatus;
  readonly keys: AgentKeys;
  readonly rules: RuleRequests;
  /** Whether a request came by the agent's Unix socket: only its own user reaches that. */
  readonly isPrivate: (socket: object) => boolean;
}

export interface Described {
  readonly method: RouteConfig['method'];
  readonly path: string;
  readonly summary: string;
  readonly request?: RouteConfig['request'];
  /** What a success answers; undefined: nothing. */
  readonly answer: { readonly type: string; readonly schema: z.ZodType } | undefined;
}

/** Puts a route into the OpenAPI document, which is made when it is asked for. */
export function describeRoute({ described }: ApiContext, route: Described): void {
  described.push(route);
}
