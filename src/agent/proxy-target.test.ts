import { describe, expect, it } from 'vitest';
import { proxyTarget } from './proxy-target.ts';

const service = (name: string, path: string, node = '', prefix = '') => ({
  kind: 'service',
  service: name,
  node,
  path,
  prefix,
});

describe('proxyTarget', () => {
  it.each([
    ['/path?q=1', 'crm.localhost:7471', service('crm', '/path?q=1')],
    ['/', 'CRM.LocalHost', service('crm', '/')],
    ['/', 'crm.localhost.', service('crm', '/')],
    ['/x', 'crm.fogata', service('crm', '/x')],
    ['/x', 'crm.fogata:7471', service('crm', '/x')],
    ['/x', 'crm.eu.localhost:80', service('crm.eu', '/x')],
    ['/x', 'crm.db1.node.fogata:7471', service('crm', '/x', 'db1')],
    ['/x', 'crm.eu.db1.node.localhost', service('crm.eu', '/x', 'db1')],
    ['/x', 'db1.node.fogata', service('db1.node', '/x')],
    ['*', 'crm.localhost', service('crm', '*')],
    ['//double', 'crm.localhost', service('crm', '//double')],
    ['/to/crm/path', 'crm.localhost', service('crm', '/to/crm/path')],
    ['/to/crm/path?x', 'localhost:7471', service('crm', '/path?x', '', '/to/crm')],
    ['/to/crm', '127.0.0.1:7471', service('crm', '/', '', '/to/crm')],
    ['/to/crm?x=/y', '[::1]:7471', service('crm', '/?x=/y', '', '/to/crm')],
    ['/to/crm@db1/a/b', 'localhost', service('crm', '/a/b', 'db1', '/to/crm@db1')],
    ['/to/crm%40db1/a', 'localhost', service('crm', '/a', 'db1', '/to/crm%40db1')],
    ['/to/crm/a', undefined, service('crm', '/a', '', '/to/crm')],
    ['http://crm.fogata/path?q', 'anything', service('crm', '/path?q')],
    ['http://crm.fogata:8080', 'anything', service('crm', '/')],
    ['HTTP://crm.localhost?q', 'evil.example', service('crm', '/?q')],
    ['http://localhost:7471/to/crm/x', 'x', service('crm', '/x', '', '/to/crm')],
  ])('%s at %s names a service', (url, host, expected) => {
    expect(proxyTarget(url, host)).toEqual(expected);
  });

  it.each([
    ['/v1/nodes', 'localhost:7471'],
    ['/', '127.0.0.1'],
    ['/metrics', '[::1]:7471'],
    ['/to', 'localhost'],
    ['http://127.0.0.1:7471/v1/nodes', 'x'],
    ['/v1/nodes', undefined],
  ])('%s at %s is for the agent itself', (url, host) => {
    expect(proxyTarget(url, host)).toEqual({ kind: 'local' });
  });

  it.each([
    ['/', 'evil.example', 421],
    ['/v1/nodes', 'evil.example:7471', 421],
    ['/', '127.0.0.1.nip.io', 421],
    ['/', '192.0.2.1', 421],
    ['/', '127.0.0.2', 421],
    ['/', 'localhost.evil.example', 421],
    ['/', 'fogata', 421],
    ['/', 'crmlocalhost', 421],
    ['/', '', 400],
    ['/', '.localhost', 400],
    ['/', 'crm._db.node.fogata', 400],
    ['/', '..db1.node.fogata', 400],
    ['/', 'a b.localhost', 400],
    ['/', 'user@crm.localhost', 400],
    ['/', 'crm.localhost, evil.example', 400],
    ['/', 'crm.localhost:80:80', 400],
    ['/', 'crm.localhost/..', 400],
    ['/', '-crm.localhost', 400],
    ['/', `${'a'.repeat(64)}.localhost`, 400],
    ['/to/crm@*/x', 'localhost', 400],
    ['/to/CRM/x', 'localhost', 400],
    ['/to/crm@/x', 'localhost', 400],
    ['/to/@db1/x', 'localhost', 400],
    ['/to//x', 'localhost', 400],
    ['/to/..%2fv1/x', 'localhost', 400],
    ['/to/%', 'localhost', 400],
    ['http://evil.example/', 'crm.localhost', 403],
    ['http://user@crm.fogata/', 'crm.localhost', 400],
    ['https://crm.fogata/', 'crm.localhost', 403],
    ['ftp://crm.fogata/', 'crm.localhost', 400],
    ['crm.fogata:80', 'crm.localhost', 400],
    ['', 'crm.localhost', 400],
  ])('%s at %s is refused with %i', (url, host, status) => {
    const target = proxyTarget(url, host);
    expect(target).toMatchObject({ kind: 'refused', status });
  });
});
