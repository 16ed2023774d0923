// Original file: treeline/v1/watch.proto

import type * as grpc from '@grpc/grpc-js'
import type { MethodDefinition } from '@grpc/proto-loader'
import type { WatchRequest as _treeline_v1_WatchRequest, WatchRequest__Output as _treeline_v1_WatchRequest__Output } from '../../treeline/v1/WatchRequest.ts';
import type { WatchResponse as _treeline_v1_WatchResponse, WatchResponse__Output as _treeline_v1_WatchResponse__Output } from '../../treeline/v1/WatchResponse.ts';

export interface WatchServiceClient extends grpc.Client {
  Watch(argument: _treeline_v1_WatchRequest, metadata: grpc.Metadata, options?: grpc.CallOptions): grpc.ClientReadableStream<_treeline_v1_WatchResponse__Output>;
  Watch(argument: _treeline_v1_WatchRequest, options?: grpc.CallOptions): grpc.ClientReadableStream<_treeline_v1_WatchResponse__Output>;
  watch(argument: _treeline_v1_WatchRequest, metadata: grpc.Metadata, options?: grpc.CallOptions): grpc.ClientReadableStream<_treeline_v1_WatchResponse__Output>;
  watch(argument: _treeline_v1_WatchRequest, options?: grpc.CallOptions): grpc.ClientReadableStream<_treeline_v1_WatchResponse__Output>;
  
}

export interface WatchServiceHandlers extends grpc.UntypedServiceImplementation {
  Watch: grpc.handleServerStreamingCall<_treeline_v1_WatchRequest__Output, _treeline_v1_WatchResponse>;
  
}

export interface WatchServiceDefinition extends grpc.ServiceDefinition {
  Watch: MethodDefinition<_treeline_v1_WatchRequest, _treeline_v1_WatchResponse, _treeline_v1_WatchRequest__Output, _treeline_v1_WatchResponse__Output>
}
