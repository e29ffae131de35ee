import { networkInterfaces } from 'node:os';
import { describe, expect, it } from 'vitest';
import { targetLocation } from './target-location.ts';
import { checkRegisteredUrl, checkTargetUrl } from './target-url.ts';

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

  it('a program registers itself at addresses of its own host alone', () => {
    for (const host of ['localhost', '127.0.0.1', '[::1]', '0.0.0.0', '[::]']) {
      expect(checkRegisteredUrl(`http://${host}:8080`)).toBeUndefined();
    }
    const own = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
    const address = own.find(({ family }) => family === 'IPv4')?.address ?? '127.0.0.1';
    expect(checkRegisteredUrl(`http://${address}:8080`)).toBeUndefined();
    expect(checkRegisteredUrl('tcp://192.0.2.1:5432')).toMatch(/is not on this host/);
    expect(checkRegisteredUrl('http://169.254.169.254')).toMatch(/is not on this host/);
    expect(checkRegisteredUrl('ftp://localhost')).toMatch(/expected http/);
  });

  it('a name of another host is refused', () => {
    expect(checkTargetUrl('http://db1.example:8080')).toMatch(/is a name of another host/);
  });
});
