import type { InstanceView } from '../../api/views.ts';

const textBytesMax = 255;

/**
 * The strings of an instance's TXT record, `key=value` (RFC 6763, 6): first what is always there, then its labels. Of keys
 * that stand twice the first counts. A label that does not fit a string is left out.
 */
export function instanceTexts({ node, state, weight, load, labels }: InstanceView): string[] {
  const facts = [`node=${node}`, `state=${state}`, `weight=${weight}`];
  if (load !== null) facts.push(`load=${Math.round(load * 100) / 100}`);
  const said = Object.entries(labels).map(([name, value]) => `${name}=${value}`);
  return [...facts, ...said.filter((text) => Buffer.byteLength(text) <= textBytesMax)];
}
