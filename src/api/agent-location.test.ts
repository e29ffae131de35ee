import { describe, expect, it } from 'vitest';
import { agentLocation, defaultAgentSocket } from './agent-location.ts';

const user = { env: {}, uid: 1000, home: '/home/ada' };
const withRuntime = { ...user, env: { XDG_RUNTIME_DIR: '/run/user/1000' } };
const root = { env: { XDG_RUNTIME_DIR: '/run/user/0' }, uid: 0, home: '/root' };
const system = '/run/fogata/agent.sock';

describe('the default socket', () => {
  it.each([
    ['root', root, system],
    ['a user with a runtime directory', withRuntime, '/run/user/1000/fogata/agent.sock'],
    ['a user without', user, '/home/ada/.fogata/agent.sock'],
    [
      'a user whose runtime directory is empty text',
      { ...user, env: { XDG_RUNTIME_DIR: '' } },
      '/home/ada/.fogata/agent.sock',
    ],
    ['where there are no user ids', { ...user, uid: undefined }, '/home/ada/.fogata/agent.sock'],
  ])('%s', (_, surroundings, socket) => {
    expect(defaultAgentSocket(surroundings)).toBe(socket);
  });
});

describe('the agent of a program', () => {
  it('is what FOGATA_AGENT says', () => {
    const given = { ...user, env: { FOGATA_AGENT: 'http://127.0.0.1:7471' } };
    expect(agentLocation(given, () => true)).toBe('http://127.0.0.1:7471');
  });

  it('is the own one, also when neither is there', () => {
    expect(agentLocation(user, () => true)).toBe('/home/ada/.fogata/agent.sock');
    expect(agentLocation(user, () => false)).toBe('/home/ada/.fogata/agent.sock');
  });

  it("is the system's when only that is there", () => {
    expect(agentLocation(user, (path) => path === system)).toBe(system);
  });
});
