import { describe, expect, it } from 'vitest';
import { targetLocation } from './target-location.ts';
import { checkTargetUrl } from './target-url.ts';

describe('targetLocation', () => {
  it.each([
    ['http://127.0.0.1:8080', '127.0.0.1', 8080, '127.0.0.1:8080', '127.0.0.1:8080'],
    ['http://localhost', 'localhost', 80, 'localhost', '127.0.0.1:80'],
    ['http://[::1]:8080/', '::1', 8080, '[::1]:8080', '::1:8080'],
    ['http://0.0.0.0:8080', '127.0.0.1', 8080, '127.0.0.1:8080', '0.0.0.0:8080'],
    ['http://[::]:8080', '::1', 8080, '[::1]:8080', ':::8080'],
    ['http://192.0.2.5', '192.0.2.5', 80, '192.0.2.5', '192.0.2.5:80'],
    ['http://[2001:db8::5]:8080', '2001:db8::5', 8080, '[2001:db8::5]:8080', '2001:db8::5:8080'],
  ])('%s is asked at %s port %i as %s, and told of as %s', (url, host, port, authority, told) => {
    expect(checkTargetUrl(url)).toBeUndefined();
    const { endpoint, ...location } = targetLocation(url);
    expect(location).toEqual({ host, port, authority, basePath: '' });
    expect(`${endpoint?.address}:${endpoint?.port}`).toBe(told);
  });

  it('below a base path there is nothing to tell of: who comes directly would find something else', () => {
    expect(targetLocation('http://0.0.0.0:8080/api/')).toMatchObject({ basePath: '/api', endpoint: undefined });
  });

  it('a name of another host is refused', () => {
    expect(checkTargetUrl('http://db1.example:8080')).toMatch(/is a name of another host/);
  });
});
