// Original file: treeline/v1/stop.proto

import type * as grpc from '@grpc/grpc-js'
import type { MethodDefinition } from '@grpc/proto-loader'
import type { ListStopsRequest as _treeline_v1_ListStopsRequest, ListStopsRequest__Output as _treeline_v1_ListStopsRequest__Output } from '../../treeline/v1/ListStopsRequest.ts';
import type { ListStopsResponse as _treeline_v1_ListStopsResponse, ListStopsResponse__Output as _treeline_v1_ListStopsResponse__Output } from '../../treeline/v1/ListStopsResponse.ts';
import type { ResumeAllRequest as _treeline_v1_ResumeAllRequest, ResumeAllRequest__Output as _treeline_v1_ResumeAllRequest__Output } from '../../treeline/v1/ResumeAllRequest.ts';
import type { ResumeAllResponse as _treeline_v1_ResumeAllResponse, ResumeAllResponse__Output as _treeline_v1_ResumeAllResponse__Output } from '../../treeline/v1/ResumeAllResponse.ts';
import type { StopAllRequest as _treeline_v1_StopAllRequest, StopAllRequest__Output as _treeline_v1_StopAllRequest__Output } from '../../treeline/v1/StopAllRequest.ts';
import type { StopAllResponse as _treeline_v1_StopAllResponse, StopAllResponse__Output as _treeline_v1_StopAllResponse__Output } from '../../treeline/v1/StopAllResponse.ts';

export interface StopServiceClient extends grpc.Client {
  ListStops(argument: _treeline_v1_ListStopsRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_treeline_v1_ListStopsResponse__Output>): grpc.ClientUnaryCall;
  ListStops(argument: _treeline_v1_ListStopsRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_treeline_v1_ListStopsResponse__Output>): grpc.ClientUnaryCall;
  ListStops(argument: _treeline_v1_ListStopsRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_treeline_v1_ListStopsResponse__Output>): grpc.ClientUnaryCall;
  ListStops(argument: _treeline_v1_ListStopsRequest, callback: grpc.requestCallback<_treeline_v1_ListStopsResponse__Output>): grpc.ClientUnaryCall;
  listStops(argument: _treeline_v1_ListStopsRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_treeline_v1_ListStopsResponse__Output>): grpc.ClientUnaryCall;
  listStops(argument: _treeline_v1_ListStopsRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_treeline_v1_ListStopsResponse__Output>): grpc.ClientUnaryCall;
  listStops(argument: _treeline_v1_ListStopsRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_treeline_v1_ListStopsResponse__Output>): grpc.ClientUnaryCall;
  listStops(argument: _treeline_v1_ListStopsRequest, callback: grpc.requestCallback<_treeline_v1_ListStopsResponse__Output>): grpc.ClientUnaryCall;
  
  ResumeAll(argument: _treeline_v1_ResumeAllRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_treeline_v1_ResumeAllResponse__Output>): grpc.ClientUnaryCall;
  ResumeAll(argument: _treeline_v1_ResumeAllRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_treeline_v1_ResumeAllResponse__Output>): grpc.ClientUnaryCall;
  ResumeAll(argument: _treeline_v1_ResumeAllRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_treeline_v1_ResumeAllResponse__Output>): grpc.ClientUnaryCall;
  ResumeAll(argument: _treeline_v1_ResumeAllRequest, callback: grpc.requestCallback<_treeline_v1_ResumeAllResponse__Output>): grpc.ClientUnaryCall;
  resumeAll(argument: _treeline_v1_ResumeAllRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_treeline_v1_ResumeAllResponse__Output>): grpc.ClientUnaryCall;
  resumeAll(argument: _treeline_v1_ResumeAllRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_treeline_v1_ResumeAllResponse__Output>): grpc.ClientUnaryCall;
  resumeAll(argument: _treeline_v1_ResumeAllRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_treeline_v1_ResumeAllResponse__Output>): grpc.ClientUnaryCall;
  resumeAll(argument: _treeline_v1_ResumeAllRequest, callback: grpc.requestCallback<_treeline_v1_ResumeAllResponse__Output>): grpc.ClientUnaryCall;
  
  StopAll(argument: _treeline_v1_StopAllRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_treeline_v1_StopAllResponse__Output>): grpc.ClientUnaryCall;
  StopAll(argument: _treeline_v1_StopAllRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_treeline_v1_StopAllResponse__Output>): grpc.ClientUnaryCall;
  StopAll(argument: _treeline_v1_StopAllRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_treeline_v1_StopAllResponse__Output>): grpc.ClientUnaryCall;
  StopAll(argument: _treeline_v1_StopAllRequest, callback: grpc.requestCallback<_treeline_v1_StopAllResponse__Output>): grpc.ClientUnaryCall;
  stopAll(argument: _treeline_v1_StopAllRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_treeline_v1_StopAllResponse__Output>): grpc.ClientUnaryCall;
  stopAll(argument: _treeline_v1_StopAllRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_treeline_v1_StopAllResponse__Output>): grpc.ClientUnaryCall;
  stopAll(argument: _treeline_v1_StopAllRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_treeline_v1_StopAllResponse__Output>): grpc.ClientUnaryCall;
  stopAll(argument: _treeline_v1_StopAllRequest, callback: grpc.requestCallback<_treeline_v1_StopAllResponse__Output>): grpc.ClientUnaryCall;
  
}

export interface StopServiceHandlers extends grpc.UntypedServiceImplementation {
  ListStops: grpc.handleUnaryCall<_treeline_v1_ListStopsRequest__Output, _treeline_v1_ListStopsResponse>;
  
  ResumeAll: grpc.handleUnaryCall<_treeline_v1_ResumeAllRequest__Output, _treeline_v1_ResumeAllResponse>;
  
  StopAll: grpc.handleUnaryCall<_treeline_v1_StopAllRequest__Output, _treeline_v1_StopAllResponse>;
  
}

export interface StopServiceDefinition extends grpc.ServiceDefinition {
  ListStops: MethodDefinition<_treeline_v1_ListStopsRequest, _treeline_v1_ListStopsResponse, _treeline_v1_ListStopsRequest__Output, _treeline_v1_ListStopsResponse__Output>
  ResumeAll: MethodDefinition<_treeline_v1_ResumeAllRequest, _treeline_v1_ResumeAllResponse, _treeline_v1_ResumeAllRequest__Output, _treeline_v1_ResumeAllResponse__Output>
  StopAll: MethodDefinition<_treeline_v1_StopAllRequest, _treeline_v1_StopAllResponse, _treeline_v1_StopAllRequest__Output, _treeline_v1_StopAllResponse__Output>
}
