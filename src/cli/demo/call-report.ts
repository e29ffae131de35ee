/** How one call of the ERP program ended. `failed`: it got an error; `lost`: it got nothing at all. */
export interface CallResult {
  readonly service: 'crm' | 'billing';
  readonly outcome: 'answered' | 'failed' | 'lost';
  /** The program that answered; '' when none did. */
  readonly by: string;
  readonly ms: number;
}

/** A line of the ERP program: what has ended since the last one. */
export interface CallReport {
  readonly results: readonly CallResult[];
  /** Calls that are under way. */
  readonly open: number;
  /** The last line: nothing is under way and nothing follows. */
  readonly isLast: boolean;
}

export function readCallReport(line: string): CallReport | undefined {
  try {
    return JSON.parse(line) as CallReport;
  } catch {
    return undefined;
  }
}
