import type { NodeId } from './ids.ts';

/** Load of one service: 0 idle, 1 full; `undefined` not known. Sent in steps of 1/250. */
export interface ServiceLoad {
  readonly name: string;
  readonly load: number | undefined;
  /** Exchanges that are being worked on; 65,535 stands for that many or more. */
  readonly inFlight: number;
}

/** How busy a node and its services are; newer ones are told by (incarnation, sequence). */
export interface LoadReport {
  readonly id: NodeId;
  readonly incarnation: number;
  readonly sequence: number;
  /** 0 idle, 1 full; `undefined` not known. */
  readonly hostLoad: number | undefined;
  readonly services: readonly ServiceLoad[];
}
