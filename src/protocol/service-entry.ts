/** What an instance says of itself. */
export const serviceStates = ['up', 'down', 'draining'] as const;

export type ServiceState = (typeof serviceStates)[number];

/** What a service can be asked by. */
export interface ServiceKinds {
  readonly messages: boolean;
  readonly http: boolean;
}

/** One service of a node's record. */
export interface ServiceEntry {
  readonly name: string;
  readonly state: ServiceState;
  readonly kinds: ServiceKinds;
  /** Share of the work beside other instances; 100 is normal, 0 takes none. */
  readonly weight: number;
  readonly labels: Readonly<Record<string, string>>;
}
