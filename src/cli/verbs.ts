import type { Command } from 'commander';

/** A verb: what the list of verbs says of it, and where the rest is. */
export interface Verb {
  readonly name: string;
  readonly group: string;
  readonly summary: string;
  /** Loads the verb's own file, and nothing of the others. */
  readonly load: () => Promise<(program: Command) => void>;
}

/** In the order in which help shows them. */
export const verbs: readonly Verb[] = [
  {
    name: 'demo',
    group: 'Start:',
    summary: 'watch four hosts, four programs and a few failures, all on this machine',
    load: async () => (await import('./demo.ts')).registerDemo,
  },
  {
    name: 'up',
    group: 'Start:',
    summary: "run this host's agent",
    load: async () => (await import('./up.ts')).registerUp,
  },
  {
    name: 'init',
    group: 'Trust:',
    summary: 'make the key of a cluster, on its first host',
    load: async () => (await import('./init.ts')).registerInit,
  },
  {
    name: 'invite',
    group: 'Trust:',
    summary: 'print a token that lets another host in',
    load: async () => (await import('./invite.ts')).registerInvite,
  },
  {
    name: 'join',
    group: 'Trust:',
    summary: 'take the key of a cluster with a token',
    load: async () => (await import('./join.ts')).registerJoin,
  },
  {
    name: 'key',
    group: 'Trust:',
    summary: 'list, add, use, remove and rotate the keys of the cluster',
    load: async () => (await import('./key.ts')).registerKey,
  },
  {
    name: 'nodes',
    group: 'Look:',
    summary: 'who is there',
    load: async () => (await import('./nodes.ts')).registerNodes,
  },
  {
    name: 'services',
    group: 'Look:',
    summary: 'what is served, and by whom',
    load: async () => (await import('./services.ts')).registerServices,
  },
  {
    name: 'checks',
    group: 'Look:',
    summary: "how this host's programs are, and what their checks say",
    load: async () => (await import('./checks.ts')).registerChecks,
  },
  {
    name: 'resolve',
    group: 'Look:',
    summary: 'where calls to a service would go now, and why',
    load: async () => (await import('./resolve.ts')).registerResolve,
  },
  {
    name: 'bench',
    group: 'Look:',
    summary: 'how fast it is, hop by hop',
    load: async () => (await import('./bench.ts')).registerBench,
  },
  {
    name: 'call',
    group: 'Talk:',
    summary: 'ask the best instance of a service, and print its reply',
    load: async () => (await import('./call.ts')).registerCall,
  },
  {
    name: 'send',
    group: 'Talk:',
    summary: 'tell the best instance of a service, one way',
    load: async () => (await import('./send.ts')).registerSend,
  },
  {
    name: 'publish',
    group: 'Talk:',
    summary: 'tell every instance of a service',
    load: async () => (await import('./publish.ts')).registerPublish,
  },
  {
    name: 'listen',
    group: 'Talk:',
    summary: 'become an instance of a service: print its messages, and answer them',
    load: async () => (await import('./listen.ts')).registerListen,
  },
  {
    name: 'push',
    group: 'Move:',
    summary: 'send a file of any size to a service that saves files',
    load: async () => (await import('./push.ts')).registerPush,
  },
  {
    name: 'forward',
    group: 'Move:',
    summary: 'make a local TCP port that leads to a service',
    load: async () => (await import('./forward.ts')).registerForward,
  },
  {
    name: 'completion',
    group: 'Shell:',
    summary: 'print the completion script of a shell',
    load: async () => (await import('./completion.ts')).registerCompletion,
  },
];
