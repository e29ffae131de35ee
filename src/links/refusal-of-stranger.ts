import { clusterTagBytes, isTagAt } from '../protocol/cluster-tag.ts';
import type { Hello } from '../protocol/hello.ts';
import type { LinkRefusal } from './create-frame-link.ts';

/** Whether whoever says this may have a link with this node at all. */
export function refusalOfStranger(own: Hello, theirs: Hello): LinkRefusal | undefined {
  if (theirs.role !== 'node') return { reason: 'not-allowed', text: 'this is the door for nodes, not for programs' };
  const isOfCluster = theirs.clusterTag.length === clusterTagBytes && isTagAt(theirs.clusterTag, 0, own.clusterTag);
  return isOfCluster ? undefined : { reason: 'other-cluster', text: `this is cluster ${own.clusterName}` };
}
