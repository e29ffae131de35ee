import { labelBytesMax, labelsMax } from './limits.ts';
import { checkName, isName } from './names.ts';
import { newTextRecord } from './text-record.ts';
import { utf8Bytes } from './utf8.ts';

/** Labels and the values they must have, as they were written: `version=2,zone=a`. */
export type LabelSelector = Readonly<Record<string, string>>;

/** Whom a message is for: a service, and on which node. */
export interface Address {
  readonly service: string;
  /** `''` the best instance, `'*'` every instance, else the name of a node. */
  readonly node: string;
  /** Only instances that have all of these; absent: whatever their labels. It does not travel: who chooses, selects. */
  readonly labels?: LabelSelector;
}

export type ParsedAddress =
  | { readonly ok: true; readonly address: Address }
  | { readonly ok: false; readonly reason: string };

/** `crm`, `crm@db1`, `crm@*`, `crm[version=2]`, `crm[version=2,zone=a]@db1`. The reason is for the person who wrote it. */
export function parseAddress(text: string): ParsedAddress {
  const bracket = text.indexOf('[');
  if (bracket >= 0) return parseSelecting(text, bracket);
  const at = text.indexOf('@');
  const service = at < 0 ? text : text.slice(0, at);
  const node = at < 0 ? '' : text.slice(at + 1);
  const wrong = checkName(service) ?? (at < 0 || node === '*' ? undefined : checkName(node));
  return wrong === undefined ? { ok: true, address: { service, node } } : { ok: false, reason: wrong };
}

export function formatAddress({ service, node, labels }: Address): string {
  const selector = labels === undefined ? '' : `[${formatLabels(labels)}]`;
  return node === '' ? service + selector : `${service}${selector}@${node}`;
}

/** The same for the same labels in whatever order. */
export function formatLabels(labels: LabelSelector): string {
  const names = Object.keys(labels).sort();
  return names.map((name) => `${name}=${labels[name]}`).join(',');
}

/** Whether an address can ask for a label of this name: only such are given. */
export function isLabelName(name: string): boolean {
  return /^[^=,\]\p{Cc}]+$/u.test(name);
}

/** What may stand in the node part of an address. */
export function isNodePart(node: string): boolean {
  return node === '' || node === '*' || isName(node);
}

function parseSelecting(text: string, bracket: number): ParsedAddress {
  const end = text.indexOf(']', bracket);
  const rest = text.slice(end + 1);
  if (end < 0) return { ok: false, reason: 'a "[" without a "]": labels are crm[version=2]' };
  if (rest !== '' && !rest.startsWith('@')) {
    return { ok: false, reason: 'after "]" nothing but a node can follow: crm[version=2]@db1' };
  }
  const parsed = parseAddress(text.slice(0, bracket) + rest);
  if (!parsed.ok) return parsed;
  if (text.indexOf('@') < bracket && text.includes('@')) {
    return { ok: false, reason: 'labels stand before the node: crm[version=2]@db1' };
  }
  const labels = parseLabels(text.slice(bracket + 1, end));
  return typeof labels === 'string'
    ? { ok: false, reason: labels }
    : { ok: true, address: { ...parsed.address, labels } };
}

/** `version=2,zone=a`; a text says what is wrong. */
function parseLabels(text: string): LabelSelector | string {
  const pairs = text.split(',');
  if (pairs.length > labelsMax) return `at most ${labelsMax} labels can be asked for`;
  const labels = newTextRecord();
  for (const pair of pairs) {
    const equals = pair.indexOf('=');
    const name = pair.slice(0, equals);
    const value = pair.slice(equals + 1);
    if (equals < 1) return `"${pair}" is no label: labels are name=value, with commas between them`;
    if (labels[name] !== undefined) return `the label "${name}" stands twice`;
    if (utf8Bytes(name).length > labelBytesMax || utf8Bytes(value).length > labelBytesMax) {
      return `name and value of a label have at most ${labelBytesMax} bytes`;
    }
    labels[name] = value;
  }
  return labels;
}
