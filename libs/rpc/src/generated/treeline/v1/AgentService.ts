// Original file: treeline/v1/agent.proto

import type * as grpc from '@grpc/grpc-js'
import type { MethodDefinition } from '@grpc/proto-loader'
import type { ConfirmRequest as _treeline_v1_ConfirmRequest, ConfirmRequest__Output as _treeline_v1_ConfirmRequest__Output } from '../../treeline/v1/ConfirmRequest.ts';
import type { ConfirmResponse as _treeline_v1_ConfirmResponse, ConfirmResponse__Output as _treeline_v1_ConfirmResponse__Output } from '../../treeline/v1/ConfirmResponse.ts';
import type { SessionRequest as _treeline_v1_SessionRequest, SessionRequest__Output as _treeline_v1_SessionRequest__Output } from '../../treeline/v1/SessionRequest.ts';
import type { SessionResponse as _treeline_v1_SessionResponse, SessionResponse__Output as _treeline_v1_SessionResponse__Output } from '../../treeline/v1/SessionResponse.ts';

export interface AgentServiceClient extends grpc.Client {
  Confirm(argument: _treeline_v1_ConfirmRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_treeline_v1_ConfirmResponse__Output>): grpc.ClientUnaryCall;
  Confirm(argument: _treeline_v1_ConfirmRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_treeline_v1_ConfirmResponse__Output>): grpc.ClientUnaryCall;
  Confirm(argument: _treeline_v1_ConfirmRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_treeline_v1_ConfirmResponse__Output>): grpc.ClientUnaryCall;
  Confirm(argument: _treeline_v1_ConfirmRequest, callback: grpc.requestCallback<_treeline_v1_ConfirmResponse__Output>): grpc.ClientUnaryCall;
  confirm(argument: _treeline_v1_ConfirmRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_treeline_v1_ConfirmResponse__Output>): grpc.ClientUnaryCall;
  confirm(argument: _treeline_v1_ConfirmRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_treeline_v1_ConfirmResponse__Output>): grpc.ClientUnaryCall;
  confirm(argument: _treeline_v1_ConfirmRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_treeline_v1_ConfirmResponse__Output>): grpc.ClientUnaryCall;
  confirm(argument: _treeline_v1_ConfirmRequest, callback: grpc.requestCallback<_treeline_v1_ConfirmResponse__Output>): grpc.ClientUnaryCall;
  
  Session(metadata: grpc.Metadata, options?: grpc.CallOptions): grpc.ClientDuplexStream<_treeline_v1_SessionRequest, _treeline_v1_SessionResponse__Output>;
  Session(options?: grpc.CallOptions): grpc.ClientDuplexStream<_treeline_v1_SessionRequest, _treeline_v1_SessionResponse__Output>;
  session(metadata: grpc.Metadata, options?: grpc.CallOptions): grpc.ClientDuplexStream<_treeline_v1_SessionRequest, _treeline_v1_SessionResponse__Output>;
  session(options?: grpc.CallOptions): grpc.ClientDuplexStream<_treeline_v1_SessionRequest, _treeline_v1_SessionResponse__Output>;
  
}

export interface AgentServiceHandlers extends grpc.UntypedServiceImplementation {
  Confirm: grpc.handleUnaryCall<_treeline_v1_ConfirmRequest__Output, _treeline_v1_ConfirmResponse>;
  
  Session: grpc.handleBidiStreamingCall<_treeline_v1_SessionRequest__Output, _treeline_v1_SessionResponse>;
  
}

export interface AgentServiceDefinition extends grpc.ServiceDefinition {
  Confirm: MethodDefinition<_treeline_v1_ConfirmRequest, _treeline_v1_ConfirmResponse, _treeline_v1_ConfirmRequest__Output, _treeline_v1_ConfirmResponse__Output>
  Session: MethodDefinition<_treeline_v1_SessionRequest, _treeline_v1_SessionResponse, _treeline_v1_SessionRequest__Output, _treeline_v1_SessionResponse__Output>
}
