import { describe, expect, it } from 'vitest';
import { isForeignPage } from './foreign-page.ts';

const crossSite = { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors' };

describe('isForeignPage', () => {
  it.each([
    ['a form of another site', 'POST', { ...crossSite, origin: 'https://evil.example' }, false, true],
    ['an image of another site', 'GET', crossSite, false, true],
    ['a form in a sandbox', 'POST', { ...crossSite, origin: 'null' }, false, true],
    ['a link of another site', 'GET', { ...crossSite, 'sec-fetch-mode': 'navigate' }, false, false],
    ['a form that navigates', 'POST', { ...crossSite, 'sec-fetch-mode': 'navigate' }, false, true],
    ['a page of this host', 'POST', { ...crossSite, origin: 'http://localhost:3000' }, false, false],
    ['a page of another service', 'POST', { ...crossSite, origin: 'http://erp.localhost:7471' }, false, false],
    ['a name that only looks local', 'POST', { ...crossSite, origin: 'http://localhost.evil.example' }, false, true],
    ['its own page', 'POST', { 'sec-fetch-site': 'same-origin' }, false, false],
    ['curl', 'POST', {}, false, false],
    ['a program that passes an Origin on', 'POST', { origin: 'https://shop.example' }, false, false],
    [
      'a server before this one',
      'POST',
      { ...crossSite, origin: 'https://a.example', 'x-forwarded-for': '::1' },
      false,
      false,
    ],
    ['a WebSocket of another site', 'GET', { origin: 'https://evil.example' }, true, true],
    ['a WebSocket of this host', 'GET', { origin: 'http://127.0.0.1:3000' }, true, false],
    ['a WebSocket of a program', 'GET', {}, true, false],
  ])('%s', (_, method, headers, isUpgrade, expected) => {
    expect(isForeignPage(method, headers, isUpgrade)).toBe(expected);
  });
});
