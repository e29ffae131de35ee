/** How long and how often; said at the head of the output. */
export interface Pace {
  /** Once, before the first measured run of a system that compiles itself as it goes. */
  readonly warmMs: number;
  readonly warmHeavyMs: number;
  /** Before each run. */
  readonly leadMs: number;
  readonly measureMs: number;
  readonly rounds: number;
  /** All shapes are played by the same processes; else each by processes of its own. */
  readonly together: boolean;
}

/** Heavy libraries get faster for seconds. */
export const fullPace: Pace = {
  warmMs: 1_000,
  warmHeavyMs: 3_000,
  leadMs: 200,
  measureMs: 1_000,
  rounds: 5,
  together: false,
};

/** Ratios to within some 20 percent, in less than a minute. */
export const quickPace: Pace = {
  warmMs: 150,
  warmHeavyMs: 350,
  leadMs: 50,
  measureMs: 130,
  rounds: 3,
  together: true,
};
