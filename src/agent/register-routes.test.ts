import { Hono } from 'hono';
import { beforeEach, describe, expect, it } from 'vitest';
import { FogataError } from '../protocol/fogata-error.ts';
import type { ApiBindings, ApiContext } from './api-context.ts';
import { problemResponse } from './api-problem.ts';
import type { LocalTargets } from './local-targets.ts';
import { addRegisterRoutes } from './register-routes.ts';

let added: unknown[];
let app: Hono<ApiBindings>;

/** Targets that only note what they were told. */
const targets: LocalTargets = {
  add: (target, terms) => void added.push({ ...target, ...terms }),
  remove(service) {
    if (service === 'erp') throw new FogataError('not-allowed', '"erp" stands in the configuration');
    added.push(`-${service}`);
    return Promise.resolve();
  },
  list: () => [],
  health: () => [],
  heartbeat: (...said) => void added.push(said),
  setLoad: (...said) => void added.push(said),
  close() {},
};

beforeEach(() => {
  added = [];
  app = new Hono<ApiBindings>();
  app.onError((error) => problemResponse(error));
  addRegisterRoutes({ app, described: [], targets } as unknown as ApiContext);
});

const ask = async (method: string, path: string, body?: string) =>
  app.request(path, { method, ...(body === undefined ? {} : { body }) });

describe('registration', () => {
  it('with checks, of which it says one itself, and its load', async () => {
    const registration = { service: 'crm', url: 'http://127.0.0.1:8080', checks: ['/health', { heartbeat: '5s' }] };
    expect((await ask('POST', '/v1/register', JSON.stringify(registration))).status).toBe(204);
    expect(added).toMatchObject([{ checks: [{ way: 'http' }, { way: 'heartbeat', withinMs: 5_000 }] }]);
    expect((await ask('PUT', '/v1/register/crm/heartbeat')).status).toBe(204);
    expect((await ask('PUT', '/v1/register/crm/heartbeat', '{"state":"warning","text":"slow"}')).status).toBe(204);
    expect((await ask('PUT', '/v1/register/crm/load', '{"load":0.7}')).status).toBe(204);
    expect(added.slice(1)).toEqual([
      ['crm', 'passing', ''],
      ['crm', 'warning', 'slow'],
      ['crm', 0.7],
    ]);
    expect((await ask('PUT', '/v1/register/crm/load', '{"load":1.1}')).status).toBe(400);
    expect((await ask('PUT', '/v1/register/crm/heartbeat', '{"state":"up"}')).status).toBe(400);
  });

  it('of a program by its URL', async () => {
    const registration = { service: 'crm', url: 'http://127.0.0.1:8080', labels: { a: 'b' }, ttlMs: 5_000 };
    expect((await ask('POST', '/v1/register', JSON.stringify(registration))).status).toBe(204);
    const checks = [expect.objectContaining({ name: 'tcp', way: 'tcp', port: 8080 })];
    expect(added).toEqual([{ ...registration, weight: 100, checks, by: 'program', deliverTo: 'command' }]);
    expect((await ask('DELETE', '/v1/register/crm')).status).toBe(204);
    expect(added.at(-1)).toBe('-crm');
    expect((await ask('DELETE', '/v1/register/erp')).status).toBe(403);
  });

  it.each([
    ['no JSON', '{'],
    ['a bad name', '{"service":"A","url":"http://127.0.0.1:1"}'],
    ['the name of another host', '{"service":"a","url":"http://db1.example:1"}'],
    ['an address of another host', '{"service":"a","url":"http://192.0.2.1:1"}'],
    ['a key that is not known', '{"service":"a","url":"http://127.0.0.1:1","wieght":1}'],
    ['weight 0', '{"service":"a","url":"http://127.0.0.1:1","weight":0}'],
    ['a command to run', '{"service":"a","url":"http://127.0.0.1:1","checks":[{"command":"id"}]}'],
    ['a pattern', '{"service":"a","url":"http://127.0.0.1:1","checks":[{"http":"/","matches":"a"}]}'],
    ['a file to read', '{"service":"a","url":"http://127.0.0.1:1","checks":[{"http":"/","tls":{"ca":"/x"}}]}'],
  ])('not with %s', async (_, body) => {
    const response = await ask('POST', '/v1/register', body);
    expect(await response.json()).toMatchObject({ status: 400, code: 'invalid' });
    expect(added).toEqual([]);
  });
});
