/** Ways of choosing among the instances of a service, by the name that people write. The first is the default. */
export const strategies = ['best', 'least-loaded', 'round-robin', 'random', 'sticky', 'nearest'] as const;

export type Strategy = (typeof strategies)[number];
