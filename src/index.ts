export { answered } from './api/answered.ts';
export type { ByteChannel, IncomingStream, OpenOptions, StreamHandler, StreamTable } from './api/byte-channel.ts';
export type { Mesh } from './api/mesh.ts';
export type { MeshEvent } from './api/mesh-event.ts';
export type {
  Answered,
  AnsweredReply,
  Attempt,
  Delivered,
  Expired,
  Instance,
  MessageOptions,
  Outcome,
  Params,
  PublishedInstance,
  PublishOutcome,
  Refused,
  Stored,
  Unknown,
} from './api/outcome.ts';
export type { ResolveOptions, ResolveView } from './api/resolve-view.ts';
export type { CommandTable, Handler, Message, Registration, Reply, ServeOptions } from './api/serve.ts';
export type { InstanceView, NodesView, NodeView, ServicesView, ServiceView } from './api/views.ts';
export { type ConnectOptions, connect } from './client/connect.ts';
export { type PushEvent, type PushedFile, type PushOptions, pushFile } from './files/push-file.ts';
export { type SaveEvent, type SaveFilesOptions, saveFiles } from './files/save-files.ts';
export { type JoinOptions, join } from './node/join.ts';
export type { BodyValue, JsonValue } from './protocol/body.ts';
export type { ErrorCode } from './protocol/error-code.ts';
export { FogataError } from './protocol/fogata-error.ts';
export type { Log } from './runtime/log.ts';
export type { CandidateReport, Decision } from './selection/decision.ts';
export type { Strategy } from './selection/strategy.ts';
