// Original file: treeline/v1/rollout.proto

import type * as grpc from '@grpc/grpc-js'
import type { MethodDefinition } from '@grpc/proto-loader'
import type { AbortRolloutRequest as _treeline_v1_AbortRolloutRequest, AbortRolloutRequest__Output as _treeline_v1_AbortRolloutRequest__Output } from '../../treeline/v1/AbortRolloutRequest.ts';
import type { AbortRolloutResponse as _treeline_v1_AbortRolloutResponse, AbortRolloutResponse__Output as _treeline_v1_AbortRolloutResponse__Output } from '../../treeline/v1/AbortRolloutResponse.ts';
import type { CreateRolloutRequest as _treeline_v1_CreateRolloutRequest, CreateRolloutRequest__Output as _treeline_v1_CreateRolloutRequest__Output } from '../../treeline/v1/CreateRolloutRequest.ts';
import type { CreateRolloutResponse as _treeline_v1_CreateRolloutResponse, CreateRolloutResponse__Output as _treeline_v1_CreateRolloutResponse__Output } from '../../treeline/v1/CreateRolloutResponse.ts';
import type { GetRolloutRequest as _treeline_v1_GetRolloutRequest, GetRolloutRequest__Output as _treeline_v1_GetRolloutRequest__Output } from '../../treeline/v1/GetRolloutRequest.ts';
import type { GetRolloutResponse as _treeline_v1_GetRolloutResponse, GetRolloutResponse__Output as _treeline_v1_GetRolloutResponse__Output } from '../../treeline/v1/GetRolloutResponse.ts';
import type { ListRolloutsRequest as _treeline_v1_ListRolloutsRequest, ListRolloutsRequest__Output as _treeline_v1_ListRolloutsRequest__Output } from '../../treeline/v1/ListRolloutsRequest.ts';
import type { ListRolloutsResponse as _treeline_v1_ListRolloutsResponse, ListRolloutsResponse__Output as _treeline_v1_ListRolloutsResponse__Output } from '../../treeline/v1/ListRolloutsResponse.ts';
import type { PauseRolloutRequest as _treeline_v1_PauseRolloutRequest, PauseRolloutRequest__Output as _treeline_v1_PauseRolloutRequest__Output } from '../../treeline/v1/PauseRolloutRequest.ts';
import type { PauseRolloutResponse as _treeline_v1_PauseRolloutResponse, PauseRolloutResponse__Output as _treeline_v1_PauseRolloutResponse__Output } from '../../treeline/v1/PauseRolloutResponse.ts';
import type { ResumeRolloutRequest as _treeline_v1_ResumeRolloutRequest, ResumeRolloutRequest__Output as _treeline_v1_ResumeRolloutRequest__Output } from '../../treeline/v1/ResumeRolloutRequest.ts';
import type { ResumeRolloutResponse as _treeline_v1_ResumeRolloutResponse, ResumeRolloutResponse__Output as _treeline_v1_ResumeRolloutResponse__Output } from '../../treeline/v1/ResumeRolloutResponse.ts';
import type { StartRolloutRequest as _treeline_v1_StartRolloutRequest, StartRolloutRequest__Output as _treeline_v1_StartRolloutRequest__Output } from '../../treeline/v1/StartRolloutRequest.ts';
import type { StartRolloutResponse as _treeline_v1_StartRolloutResponse, StartRolloutResponse__Output as _treeline_v1_StartRolloutResponse__Output } from '../../treeline/v1/StartRolloutResponse.ts';

export interface RolloutServiceClient extends grpc.Client {
  AbortRollout(argument: _treeline_v1_AbortRolloutRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_treeline_v1_AbortRolloutResponse__Output>): grpc.ClientUnaryCall;
  AbortRollout(argument: _treeline_v1_AbortRolloutRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_treeline_v1_AbortRolloutResponse__Output>): grpc.ClientUnaryCall;
  AbortRollout(argument: _treeline_v1_AbortRolloutRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_treeline_v1_AbortRolloutResponse__Output>): grpc.ClientUnaryCall;
  AbortRollout(argument: _treeline_v1_AbortRolloutRequest, callback: grpc.requestCallback<_treeline_v1_AbortRolloutResponse__Output>): grpc.ClientUnaryCall;
  abortRollout(argument: _treeline_v1_AbortRolloutRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_treeline_v1_AbortRolloutResponse__Output>): grpc.ClientUnaryCall;
  abortRollout(argument: _treeline_v1_AbortRolloutRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_treeline_v1_AbortRolloutResponse__Output>): grpc.ClientUnaryCall;
  abortRollout(argument: _treeline_v1_AbortRolloutRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_treeline_v1_AbortRolloutResponse__Output>): grpc.ClientUnaryCall;
  abortRollout(argument: _treeline_v1_AbortRolloutRequest, callback: grpc.requestCallback<_treeline_v1_AbortRolloutResponse__Output>): grpc.ClientUnaryCall;
  
  CreateRollout(argument: _treeline_v1_CreateRolloutRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_treeline_v1_CreateRolloutResponse__Output>): grpc.ClientUnaryCall;
  CreateRollout(argument: _treeline_v1_CreateRolloutRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_treeline_v1_CreateRolloutResponse__Output>): grpc.ClientUnaryCall;
  CreateRollout(argument: _treeline_v1_CreateRolloutRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_treeline_v1_CreateRolloutResponse__Output>): grpc.ClientUnaryCall;
  CreateRollout(argument: _treeline_v1_CreateRolloutRequest, callback: grpc.requestCallback<_treeline_v1_CreateRolloutResponse__Output>): grpc.ClientUnaryCall;
  createRollout(argument: _treeline_v1_CreateRolloutRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_treeline_v1_CreateRolloutResponse__Output>): grpc.ClientUnaryCall;
  createRollout(argument: _treeline_v1_CreateRolloutRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_treeline_v1_CreateRolloutResponse__Output>): grpc.ClientUnaryCall;
  createRollout(argument: _treeline_v1_CreateRolloutRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_treeline_v1_CreateRolloutResponse__Output>): grpc.ClientUnaryCall;
  createRollout(argument: _treeline_v1_CreateRolloutRequest, callback: grpc.requestCallback<_treeline_v1_CreateRolloutResponse__Output>): grpc.ClientUnaryCall;
  
  GetRollout(argument: _treeline_v1_GetRolloutRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_treeline_v1_GetRolloutResponse__Output>): grpc.ClientUnaryCall;
  GetRollout(argument: _treeline_v1_GetRolloutRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_treeline_v1_GetRolloutResponse__Output>): grpc.ClientUnaryCall;
  GetRollout(argument: _treeline_v1_GetRolloutRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_treeline_v1_GetRolloutResponse__Output>): grpc.ClientUnaryCall;
  GetRollout(argument: _treeline_v1_GetRolloutRequest, callback: grpc.requestCallback<_treeline_v1_GetRolloutResponse__Output>): grpc.ClientUnaryCall;
  getRollout(argument: _treeline_v1_GetRolloutRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_treeline_v1_GetRolloutResponse__Output>): grpc.ClientUnaryCall;
  getRollout(argument: _treeline_v1_GetRolloutRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_treeline_v1_GetRolloutResponse__Output>): grpc.ClientUnaryCall;
  getRollout(argument: _treeline_v1_GetRolloutRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_treeline_v1_GetRolloutResponse__Output>): grpc.ClientUnaryCall;
  getRollout(argument: _treeline_v1_GetRolloutRequest, callback: grpc.requestCallback<_treeline_v1_GetRolloutResponse__Output>): grpc.ClientUnaryCall;
  
  ListRollouts(argument: _treeline_v1_ListRolloutsRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_treeline_v1_ListRolloutsResponse__Output>): grpc.ClientUnaryCall;
  ListRollouts(argument: _treeline_v1_ListRolloutsRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_treeline_v1_ListRolloutsResponse__Output>): grpc.ClientUnaryCall;
  ListRollouts(argument: _treeline_v1_ListRolloutsRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_treeline_v1_ListRolloutsResponse__Output>): grpc.ClientUnaryCall;
  ListRollouts(argument: _treeline_v1_ListRolloutsRequest, callback: grpc.requestCallback<_treeline_v1_ListRolloutsResponse__Output>): grpc.ClientUnaryCall;
  listRollouts(argument: _treeline_v1_ListRolloutsRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_treeline_v1_ListRolloutsResponse__Output>): grpc.ClientUnaryCall;
  listRollouts(argument: _treeline_v1_ListRolloutsRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_treeline_v1_ListRolloutsResponse__Output>): grpc.ClientUnaryCall;
  listRollouts(argument: _treeline_v1_ListRolloutsRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_treeline_v1_ListRolloutsResponse__Output>): grpc.ClientUnaryCall;
  listRollouts(argument: _treeline_v1_ListRolloutsRequest, callback: grpc.requestCallback<_treeline_v1_ListRolloutsResponse__Output>): grpc.ClientUnaryCall;
  
  PauseRollout(argument: _treeline_v1_PauseRolloutRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_treeline_v1_PauseRolloutResponse__Output>): grpc.ClientUnaryCall;
  PauseRollout(argument: _treeline_v1_PauseRolloutRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_treeline_v1_PauseRolloutResponse__Output>): grpc.ClientUnaryCall;
  PauseRollout(argument: _treeline_v1_PauseRolloutRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_treeline_v1_PauseRolloutResponse__Output>): grpc.ClientUnaryCall;
  PauseRollout(argument: _treeline_v1_PauseRolloutRequest, callback: grpc.requestCallback<_treeline_v1_PauseRolloutResponse__Output>): grpc.ClientUnaryCall;
  pauseRollout(argument: _treeline_v1_PauseRolloutRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_treeline_v1_PauseRolloutResponse__Output>): grpc.ClientUnaryCall;
  pauseRollout(argument: _treeline_v1_PauseRolloutRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_treeline_v1_PauseRolloutResponse__Output>): grpc.ClientUnaryCall;
  pauseRollout(argument: _treeline_v1_PauseRolloutRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_treeline_v1_PauseRolloutResponse__Output>): grpc.ClientUnaryCall;
  pauseRollout(argument: _treeline_v1_PauseRolloutRequest, callback: grpc.requestCallback<_treeline_v1_PauseRolloutResponse__Output>): grpc.ClientUnaryCall;
  
  ResumeRollout(argument: _treeline_v1_ResumeRolloutRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_treeline_v1_ResumeRolloutResponse__Output>): grpc.ClientUnaryCall;
  ResumeRollout(argument: _treeline_v1_ResumeRolloutRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_treeline_v1_ResumeRolloutResponse__Output>): grpc.ClientUnaryCall;
  ResumeRollout(argument: _treeline_v1_ResumeRolloutRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_treeline_v1_ResumeRolloutResponse__Output>): grpc.ClientUnaryCall;
  ResumeRollout(argument: _treeline_v1_ResumeRolloutRequest, callback: grpc.requestCallback<_treeline_v1_ResumeRolloutResponse__Output>): grpc.ClientUnaryCall;
  resumeRollout(argument: _treeline_v1_ResumeRolloutRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_treeline_v1_ResumeRolloutResponse__Output>): grpc.ClientUnaryCall;
  resumeRollout(argument: _treeline_v1_ResumeRolloutRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_treeline_v1_ResumeRolloutResponse__Output>): grpc.ClientUnaryCall;
  resumeRollout(argument: _treeline_v1_ResumeRolloutRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_treeline_v1_ResumeRolloutResponse__Output>): grpc.ClientUnaryCall;
  resumeRollout(argument: _treeline_v1_ResumeRolloutRequest, callback: grpc.requestCallback<_treeline_v1_ResumeRolloutResponse__Output>): grpc.ClientUnaryCall;
  
  StartRollout(argument: _treeline_v1_StartRolloutRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_treeline_v1_StartRolloutResponse__Output>): grpc.ClientUnaryCall;
  StartRollout(argument: _treeline_v1_StartRolloutRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_treeline_v1_StartRolloutResponse__Output>): grpc.ClientUnaryCall;
  StartRollout(argument: _treeline_v1_StartRolloutRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_treeline_v1_StartRolloutResponse__Output>): grpc.ClientUnaryCall;
  StartRollout(argument: _treeline_v1_StartRolloutRequest, callback: grpc.requestCallback<_treeline_v1_StartRolloutResponse__Output>): grpc.ClientUnaryCall;
  startRollout(argument: _treeline_v1_StartRolloutRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_treeline_v1_StartRolloutResponse__Output>): grpc.ClientUnaryCall;
  startRollout(argument: _treeline_v1_StartRolloutRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_treeline_v1_StartRolloutResponse__Output>): grpc.ClientUnaryCall;
  startRollout(argument: _treeline_v1_StartRolloutRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_treeline_v1_StartRolloutResponse__Output>): grpc.ClientUnaryCall;
  startRollout(argument: _treeline_v1_StartRolloutRequest, callback: grpc.requestCallback<_treeline_v1_StartRolloutResponse__Output>): grpc.ClientUnaryCall;
  
}

export interface RolloutServiceHandlers extends grpc.UntypedServiceImplementation {
  AbortRollout: grpc.handleUnaryCall<_treeline_v1_AbortRolloutRequest__Output, _treeline_v1_AbortRolloutResponse>;
  
  CreateRollout: grpc.handleUnaryCall<_treeline_v1_CreateRolloutRequest__Output, _treeline_v1_CreateRolloutResponse>;
  
  GetRollout: grpc.handleUnaryCall<_treeline_v1_GetRolloutRequest__Output, _treeline_v1_GetRolloutResponse>;
  
  ListRollouts: grpc.handleUnaryCall<_treeline_v1_ListRolloutsRequest__Output, _treeline_v1_ListRolloutsResponse>;
  
  PauseRollout: grpc.handleUnaryCall<_treeline_v1_PauseRolloutRequest__Output, _treeline_v1_PauseRolloutResponse>;
  
  ResumeRollout: grpc.handleUnaryCall<_treeline_v1_ResumeRolloutRequest__Output, _treeline_v1_ResumeRolloutResponse>;
  
  StartRollout: grpc.handleUnaryCall<_treeline_v1_StartRolloutRequest__Output, _treeline_v1_StartRolloutResponse>;
  
}

export interface RolloutServiceDefinition extends grpc.ServiceDefinition {
  AbortRollout: MethodDefinition<_treeline_v1_AbortRolloutRequest, _treeline_v1_AbortRolloutResponse, _treeline_v1_AbortRolloutRequest__Output, _treeline_v1_AbortRolloutResponse__Output>
  CreateRollout: MethodDefinition<_treeline_v1_CreateRolloutRequest, _treeline_v1_CreateRolloutResponse, _treeline_v1_CreateRolloutRequest__Output, _treeline_v1_CreateRolloutResponse__Output>
  GetRollout: MethodDefinition<_treeline_v1_GetRolloutRequest, _treeline_v1_GetRolloutResponse, _treeline_v1_GetRolloutRequest__Output, _treeline_v1_GetRolloutResponse__Output>
  ListRollouts: MethodDefinition<_treeline_v1_ListRolloutsRequest, _treeline_v1_ListRolloutsResponse, _treeline_v1_ListRolloutsRequest__Output, _treeline_v1_ListRolloutsResponse__Output>
  PauseRollout: MethodDefinition<_treeline_v1_PauseRolloutRequest, _treeline_v1_PauseRolloutResponse, _treeline_v1_PauseRolloutRequest__Output, _treeline_v1_PauseRolloutResponse__Output>
  ResumeRollout: MethodDefinition<_treeline_v1_ResumeRolloutRequest, _treeline_v1_ResumeRolloutResponse, _treeline_v1_ResumeRolloutRequest__Output, _treeline_v1_ResumeRolloutResponse__Output>
  StartRollout: MethodDefinition<_treeline_v1_StartRolloutRequest, _treeline_v1_StartRolloutResponse, _treeline_v1_StartRolloutRequest__Output, _treeline_v1_StartRolloutResponse__Output>
}
