import type { InstanceView, NodeView, PartitionView } from './views.ts';

/** What `watch()` yields. First a snapshot as `node-joined` and `instance-up`, then `ready`, then changes as they come. */
export type MeshEvent =
  | { readonly type: 'node-joined'; readonly node: NodeView }
  | { readonly type: 'node-changed'; readonly node: NodeView }
  | { readonly type: 'node-gone'; readonly node: NodeView }
  | { readonly type: 'instance-up'; readonly service: string; readonly instance: InstanceView }
  | { readonly type: 'instance-changed'; readonly service: string; readonly instance: InstanceView }
  | { readonly type: 'instance-gone'; readonly service: string; readonly instance: InstanceView }
  /** Others fell silent together, and once: half of them are back. In the snapshot those that are not healed. */
  | { readonly type: 'parted'; readonly partition: PartitionView }
  | { readonly type: 'healed'; readonly partition: PartitionView }
  | { readonly type: 'ready' };
