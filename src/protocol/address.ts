import { checkName, isName } from './names.ts';

/** Whom a message is for: a service, and on which node. */
export interface Address {
  readonly service: string;
  /** `''` the best instance, `'*'` every instance, else the name of a node. */
  readonly node: string;
}

export type ParsedAddress =
  | { readonly ok: true; readonly address: Address }
  | { readonly ok: false; readonly reason: string };

/** `crm`, `crm@db1`, `crm@*`. The reason is for the person who wrote it. */
export function parseAddress(text: string): ParsedAddress {
  const at = text.indexOf('@');
  const service = at < 0 ? text : text.slice(0, at);
  const node = at < 0 ? '' : text.slice(at + 1);
  const wrong = checkName(service) ?? (at < 0 || node === '*' ? undefined : checkName(node));
  return wrong === undefined ? { ok: true, address: { service, node } } : { ok: false, reason: wrong };
}

export function formatAddress(address: Address): string {
  return address.node === '' ? address.service : `${address.service}@${address.node}`;
}

/** What may stand in the node part of an address. */
export function isNodePart(node: string): boolean {
  return node === '' || node === '*' || isName(node);
}
