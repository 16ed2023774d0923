// Original file: treeline/v1/rollout.proto

import type * as grpc from '@grpc/grpc-js'
import type { MethodDefinition } from '@grpc/proto-loader'
import type { AbortRolloutRequest as _treeline_v1_AbortRolloutRequest, AbortRolloutRequest__Output as _treeline_v1_AbortRolloutRequest__Output } from '../../treeline/v1/AbortRolloutRequest.ts';
import type { AbortRolloutResponse as _treeline_v1_AbortRolloutResponse, AbortRolloutResponse__Output as _treeline_v1_AbortRolloutResponse__Output } from '../../treeline/v1/AbortRolloutResponse.ts';
import type { ApproveWaveRequest as _treeline_v1_ApproveWaveRequest, ApproveWaveRequest__Output as _treeline_v1_ApproveWaveRequest__Output } from '../../treeline/v1/ApproveWaveRequest.ts';
import type { ApproveWaveResponse as _treeline_v1_ApproveWaveResponse, ApproveWaveResponse__Output as _treeline_v1_ApproveWaveResponse__Output } from '../../treeline/v1/ApproveWaveResponse.ts';
import type { CreateRolloutRequest as _treeline_v1_CreateRolloutRequest, CreateRolloutRequest__Output as _treeline_v1_CreateRolloutRequest__Output } from '../../treeline/v1/CreateRolloutRequest.ts';
import type { CreateRolloutResponse as _treeline_v1_CreateRolloutResponse, CreateRolloutResponse__Output as _treeline_v1_CreateRolloutResponse__Output } from '../../treeline/v1/CreateRolloutResponse.ts';
import type { GetRolloutHistoryRequest as _treeline_v1_GetRolloutHistoryRequest, GetRolloutHistoryRequest__Output as _treeline_v1_GetRolloutHistoryRequest__Output } from '../../treeline/v1/GetRolloutHistoryRequest.ts';
import type { GetRolloutHistoryResponse as _treeline_v1_GetRolloutHistoryResponse, GetRolloutHistoryResponse__Output as _treeline_v1_GetRolloutHistoryResponse__Output } from '../../treeline/v1/GetRolloutHistoryResponse.ts';
import type { GetRolloutRequest as _treeline_v1_GetRolloutRequest, GetRolloutRequest__Output as _treeline_v1_GetRolloutRequest__Output } from '../../treeline/v1/GetRolloutRequest.ts';
import type { GetRolloutResponse as _treeline_v1_GetRolloutResponse, GetRolloutResponse__Output as _treeline_v1_GetRolloutResponse__Output } from '../../treeline/v1/GetRolloutResponse.ts';
import type { ListRolloutNodesRequest as _treeline_v1_ListRolloutNodesRequest, ListRolloutNodesRequest__Output as _treeline_v1_ListRolloutNodesRequest__Output } from '../../treeline/v1/ListRolloutNodesRequest.ts';
import type { ListRolloutNodesResponse as _treeline_v1_ListRolloutNodesResponse, ListRolloutNodesResponse__Output as _treeline_v1_ListRolloutNodesResponse__Output } from '../../treeline/v1/ListRolloutNodesResponse.ts';
import type { ListRolloutsRequest as _treeline_v1_ListRolloutsRequest, ListRolloutsRequest__Output as _treeline_v1_ListRolloutsRequest__Output } from '../../treeline/v1/ListRolloutsRequest.ts';
import type { ListRolloutsResponse as _treeline_v1_ListRolloutsResponse, ListRolloutsResponse__Output as _treeline_v1_ListRolloutsResponse__Output } from '../../treeline/v1/ListRolloutsResponse.ts';
import type { PauseRolloutRequest as _treeline_v1_PauseRolloutRequest, PauseRolloutRequest__Output as _treeline_v1_PauseRolloutRequest__Output } from '../../treeline/v1/PauseRolloutRequest.ts';
import type { PauseRolloutResponse as _treeline_v1_PauseRolloutResponse, PauseRolloutResponse__Output as _treeline_v1_PauseRolloutResponse__Output } from '../../treeline/v1/PauseRolloutResponse.ts';
import type { PlanRolloutRequest as _treeline_v1_PlanRolloutRequest, PlanRolloutRequest__Output as _treeline_v1_PlanRolloutRequest__Output } from '../../treeline/v1/PlanRolloutRequest.ts';
import type { PlanRolloutResponse as _treeline_v1_PlanRolloutResponse, PlanRolloutResponse__Output as _treeline_v1_PlanRolloutResponse__Output } from '../../treeline/v1/PlanRolloutResponse.ts';
import type { ResumeRolloutRequest as _treeline_v1_ResumeRolloutRequest, ResumeRolloutRequest__Output as _treeline_v1_ResumeRolloutRequest__Output } from '../../treeline/v1/ResumeRolloutRequest.ts';
import type { ResumeRolloutResponse as _treeline_v1_ResumeRolloutResponse, ResumeRolloutResponse__Output as _treeline_v1_ResumeRolloutResponse__Output } from '../../treeline/v1/ResumeRolloutResponse.ts';
import type { RetryRolloutRequest as _treeline_v1_RetryRolloutRequest, RetryRolloutRequest__Output as _treeline_v1_RetryRolloutRequest__Output } from '../../treeline/v1/RetryRolloutRequest.ts';
import type { RetryRolloutResponse as _treeline_v1_RetryRolloutResponse, RetryRolloutResponse__Output as _treeline_v1_RetryRolloutResponse__Output } from '../../treeline/v1/RetryRolloutResponse.ts';
import type { RollbackRolloutRequest as _treeline_v1_RollbackRolloutRequest, RollbackRolloutRequest__Output as _treeline_v1_RollbackRolloutRequest__Output } from '../../treeline/v1/RollbackRolloutRequest.ts';
import type { RollbackRolloutResponse as _treeline_v1_RollbackRolloutResponse, RollbackRolloutResponse__Output as _treeline_v1_RollbackRolloutResponse__Output } from '../../treeline/v1/RollbackRolloutResponse.ts';
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
  
  ApproveWave(argument: _treeline_v1_ApproveWaveRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_treeline_v1_ApproveWaveResponse__Output>): grpc.ClientUnaryCall;
  ApproveWave(argument: _treeline_v1_ApproveWaveRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_treeline_v1_ApproveWaveResponse__Output>): grpc.ClientUnaryCall;
  ApproveWave(argument: _treeline_v1_ApproveWaveRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_treeline_v1_ApproveWaveResponse__Output>): grpc.ClientUnaryCall;
  ApproveWave(argument: _treeline_v1_ApproveWaveRequest, callback: grpc.requestCallback<_treeline_v1_ApproveWaveResponse__Output>): grpc.ClientUnaryCall;
  approveWave(argument: _treeline_v1_ApproveWaveRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_treeline_v1_ApproveWaveResponse__Output>): grpc.ClientUnaryCall;
  approveWave(argument: _treeline_v1_ApproveWaveRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_treeline_v1_ApproveWaveResponse__Output>): grpc.ClientUnaryCall;
  approveWave(argument: _treeline_v1_ApproveWaveRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_treeline_v1_ApproveWaveResponse__Output>): grpc.ClientUnaryCall;
  approveWave(argument: _treeline_v1_ApproveWaveRequest, callback: grpc.requestCallback<_treeline_v1_ApproveWaveResponse__Output>): grpc.ClientUnaryCall;
  
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
  
  GetRolloutHistory(argument: _treeline_v1_GetRolloutHistoryRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_treeline_v1_GetRolloutHistoryResponse__Output>): grpc.ClientUnaryCall;
  GetRolloutHistory(argument: _treeline_v1_GetRolloutHistoryRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_treeline_v1_GetRolloutHistoryResponse__Output>): grpc.ClientUnaryCall;
  GetRolloutHistory(argument: _treeline_v1_GetRolloutHistoryRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_treeline_v1_GetRolloutHistoryResponse__Output>): grpc.ClientUnaryCall;
  GetRolloutHistory(argument: _treeline_v1_GetRolloutHistoryRequest, callback: grpc.requestCallback<_treeline_v1_GetRolloutHistoryResponse__Output>): grpc.ClientUnaryCall;
  getRolloutHistory(argument: _treeline_v1_GetRolloutHistoryRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_treeline_v1_GetRolloutHistoryResponse__Output>): grpc.ClientUnaryCall;
  getRolloutHistory(argument: _treeline_v1_GetRolloutHistoryRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_treeline_v1_GetRolloutHistoryResponse__Output>): grpc.ClientUnaryCall;
  getRolloutHistory(argument: _treeline_v1_GetRolloutHistoryRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_treeline_v1_GetRolloutHistoryResponse__Output>): grpc.ClientUnaryCall;
  getRolloutHistory(argument: _treeline_v1_GetRolloutHistoryRequest, callback: grpc.requestCallback<_treeline_v1_GetRolloutHistoryResponse__Output>): grpc.ClientUnaryCall;
  
  ListRolloutNodes(argument: _treeline_v1_ListRolloutNodesRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_treeline_v1_ListRolloutNodesResponse__Output>): grpc.ClientUnaryCall;
  ListRolloutNodes(argument: _treeline_v1_ListRolloutNodesRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_treeline_v1_ListRolloutNodesResponse__Output>): grpc.ClientUnaryCall;
  ListRolloutNodes(argument: _treeline_v1_ListRolloutNodesRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_treeline_v1_ListRolloutNodesResponse__Output>): grpc.ClientUnaryCall;
  ListRolloutNodes(argument: _treeline_v1_ListRolloutNodesRequest, callback: grpc.requestCallback<_treeline_v1_ListRolloutNodesResponse__Output>): grpc.ClientUnaryCall;
  listRolloutNodes(argument: _treeline_v1_ListRolloutNodesRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_treeline_v1_ListRolloutNodesResponse__Output>): grpc.ClientUnaryCall;
  listRolloutNodes(argument: _treeline_v1_ListRolloutNodesRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_treeline_v1_ListRolloutNodesResponse__Output>): grpc.ClientUnaryCall;
  listRolloutNodes(argument: _treeline_v1_ListRolloutNodesRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_treeline_v1_ListRolloutNodesResponse__Output>): grpc.ClientUnaryCall;
  listRolloutNodes(argument: _treeline_v1_ListRolloutNodesRequest, callback: grpc.requestCallback<_treeline_v1_ListRolloutNodesResponse__Output>): grpc.ClientUnaryCall;
  
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
  
  PlanRollout(argument: _treeline_v1_PlanRolloutRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_treeline_v1_PlanRolloutResponse__Output>): grpc.ClientUnaryCall;
  PlanRollout(argument: _treeline_v1_PlanRolloutRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_treeline_v1_PlanRolloutResponse__Output>): grpc.ClientUnaryCall;
  PlanRollout(argument: _treeline_v1_PlanRolloutRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_treeline_v1_PlanRolloutResponse__Output>): grpc.ClientUnaryCall;
  PlanRollout(argument: _treeline_v1_PlanRolloutRequest, callback: grpc.requestCallback<_treeline_v1_PlanRolloutResponse__Output>): grpc.ClientUnaryCall;
  planRollout(argument: _treeline_v1_PlanRolloutRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_treeline_v1_PlanRolloutResponse__Output>): grpc.ClientUnaryCall;
  planRollout(argument: _treeline_v1_PlanRolloutRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_treeline_v1_PlanRolloutResponse__Output>): grpc.ClientUnaryCall;
  planRollout(argument: _treeline_v1_PlanRolloutRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_treeline_v1_PlanRolloutResponse__Output>): grpc.ClientUnaryCall;
  planRollout(argument: _treeline_v1_PlanRolloutRequest, callback: grpc.requestCallback<_treeline_v1_PlanRolloutResponse__Output>): grpc.ClientUnaryCall;
  
  ResumeRollout(argument: _treeline_v1_ResumeRolloutRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_treeline_v1_ResumeRolloutResponse__Output>): grpc.ClientUnaryCall;
  ResumeRollout(argument: _treeline_v1_ResumeRolloutRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_treeline_v1_ResumeRolloutResponse__Output>): grpc.ClientUnaryCall;
  ResumeRollout(argument: _treeline_v1_ResumeRolloutRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_treeline_v1_ResumeRolloutResponse__Output>): grpc.ClientUnaryCall;
  ResumeRollout(argument: _treeline_v1_ResumeRolloutRequest, callback: grpc.requestCallback<_treeline_v1_ResumeRolloutResponse__Output>): grpc.ClientUnaryCall;
  resumeRollout(argument: _treeline_v1_ResumeRolloutRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_treeline_v1_ResumeRolloutResponse__Output>): grpc.ClientUnaryCall;
  resumeRollout(argument: _treeline_v1_ResumeRolloutRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_treeline_v1_ResumeRolloutResponse__Output>): grpc.ClientUnaryCall;
  resumeRollout(argument: _treeline_v1_ResumeRolloutRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_treeline_v1_ResumeRolloutResponse__Output>): grpc.ClientUnaryCall;
  resumeRollout(argument: _treeline_v1_ResumeRolloutRequest, callback: grpc.requestCallback<_treeline_v1_ResumeRolloutResponse__Output>): grpc.ClientUnaryCall;
  
  RetryRollout(argument: _treeline_v1_RetryRolloutRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_treeline_v1_RetryRolloutResponse__Output>): grpc.ClientUnaryCall;
  RetryRollout(argument: _treeline_v1_RetryRolloutRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_treeline_v1_RetryRolloutResponse__Output>): grpc.ClientUnaryCall;
  RetryRollout(argument: _treeline_v1_RetryRolloutRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_treeline_v1_RetryRolloutResponse__Output>): grpc.ClientUnaryCall;
  RetryRollout(argument: _treeline_v1_RetryRolloutRequest, callback: grpc.requestCallback<_treeline_v1_RetryRolloutResponse__Output>): grpc.ClientUnaryCall;
  retryRollout(argument: _treeline_v1_RetryRolloutRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_treeline_v1_RetryRolloutResponse__Output>): grpc.ClientUnaryCall;
  retryRollout(argument: _treeline_v1_RetryRolloutRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_treeline_v1_RetryRolloutResponse__Output>): grpc.ClientUnaryCall;
  retryRollout(argument: _treeline_v1_RetryRolloutRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_treeline_v1_RetryRolloutResponse__Output>): grpc.ClientUnaryCall;
  retryRollout(argument: _treeline_v1_RetryRolloutRequest, callback: grpc.requestCallback<_treeline_v1_RetryRolloutResponse__Output>): grpc.ClientUnaryCall;
  
  RollbackRollout(argument: _treeline_v1_RollbackRolloutRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_treeline_v1_RollbackRolloutResponse__Output>): grpc.ClientUnaryCall;
  RollbackRollout(argument: _treeline_v1_RollbackRolloutRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_treeline_v1_RollbackRolloutResponse__Output>): grpc.ClientUnaryCall;
  RollbackRollout(argument: _treeline_v1_RollbackRolloutRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_treeline_v1_RollbackRolloutResponse__Output>): grpc.ClientUnaryCall;
  RollbackRollout(argument: _treeline_v1_RollbackRolloutRequest, callback: grpc.requestCallback<_treeline_v1_RollbackRolloutResponse__Output>): grpc.ClientUnaryCall;
  rollbackRollout(argument: _treeline_v1_RollbackRolloutRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_treeline_v1_RollbackRolloutResponse__Output>): grpc.ClientUnaryCall;
  rollbackRollout(argument: _treeline_v1_RollbackRolloutRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_treeline_v1_RollbackRolloutResponse__Output>): grpc.ClientUnaryCall;
  rollbackRollout(argument: _treeline_v1_RollbackRolloutRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_treeline_v1_RollbackRolloutResponse__Output>): grpc.ClientUnaryCall;
  rollbackRollout(argument: _treeline_v1_RollbackRolloutRequest, callback: grpc.requestCallback<_treeline_v1_RollbackRolloutResponse__Output>): grpc.ClientUnaryCall;
  
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
  
  ApproveWave: grpc.handleUnaryCall<_treeline_v1_ApproveWaveRequest__Output, _treeline_v1_ApproveWaveResponse>;
  
  CreateRollout: grpc.handleUnaryCall<_treeline_v1_CreateRolloutRequest__Output, _treeline_v1_CreateRolloutResponse>;
  
  GetRollout: grpc.handleUnaryCall<_treeline_v1_GetRolloutRequest__Output, _treeline_v1_GetRolloutResponse>;
  
  GetRolloutHistory: grpc.handleUnaryCall<_treeline_v1_GetRolloutHistoryRequest__Output, _treeline_v1_GetRolloutHistoryResponse>;
  
  ListRolloutNodes: grpc.handleUnaryCall<_treeline_v1_ListRolloutNodesRequest__Output, _treeline_v1_ListRolloutNodesResponse>;
  
  ListRollouts: grpc.handleUnaryCall<_treeline_v1_ListRolloutsRequest__Output, _treeline_v1_ListRolloutsResponse>;
  
  PauseRollout: grpc.handleUnaryCall<_treeline_v1_PauseRolloutRequest__Output, _treeline_v1_PauseRolloutResponse>;
  
  PlanRollout: grpc.handleUnaryCall<_treeline_v1_PlanRolloutRequest__Output, _treeline_v1_PlanRolloutResponse>;
  
  ResumeRollout: grpc.handleUnaryCall<_treeline_v1_ResumeRolloutRequest__Output, _treeline_v1_ResumeRolloutResponse>;
  
  RetryRollout: grpc.handleUnaryCall<_treeline_v1_RetryRolloutRequest__Output, _treeline_v1_RetryRolloutResponse>;
  
  RollbackRollout: grpc.handleUnaryCall<_treeline_v1_RollbackRolloutRequest__Output, _treeline_v1_RollbackRolloutResponse>;
  
  StartRollout: grpc.handleUnaryCall<_treeline_v1_StartRolloutRequest__Output, _treeline_v1_StartRolloutResponse>;
  
}

export interface RolloutServiceDefinition extends grpc.ServiceDefinition {
  AbortRollout: MethodDefinition<_treeline_v1_AbortRolloutRequest, _treeline_v1_AbortRolloutResponse, _treeline_v1_AbortRolloutRequest__Output, _treeline_v1_AbortRolloutResponse__Output>
  ApproveWave: MethodDefinition<_treeline_v1_ApproveWaveRequest, _treeline_v1_ApproveWaveResponse, _treeline_v1_ApproveWaveRequest__Output, _treeline_v1_ApproveWaveResponse__Output>
  CreateRollout: MethodDefinition<_treeline_v1_CreateRolloutRequest, _treeline_v1_CreateRolloutResponse, _treeline_v1_CreateRolloutRequest__Output, _treeline_v1_CreateRolloutResponse__Output>
  GetRollout: MethodDefinition<_treeline_v1_GetRolloutRequest, _treeline_v1_GetRolloutResponse, _treeline_v1_GetRolloutRequest__Output, _treeline_v1_GetRolloutResponse__Output>
  GetRolloutHistory: MethodDefinition<_treeline_v1_GetRolloutHistoryRequest, _treeline_v1_GetRolloutHistoryResponse, _treeline_v1_GetRolloutHistoryRequest__Output, _treeline_v1_GetRolloutHistoryResponse__Output>
  ListRolloutNodes: MethodDefinition<_treeline_v1_ListRolloutNodesRequest, _treeline_v1_ListRolloutNodesResponse, _treeline_v1_ListRolloutNodesRequest__Output, _treeline_v1_ListRolloutNodesResponse__Output>
  ListRollouts: MethodDefinition<_treeline_v1_ListRolloutsRequest, _treeline_v1_ListRolloutsResponse, _treeline_v1_ListRolloutsRequest__Output, _treeline_v1_ListRolloutsResponse__Output>
  PauseRollout: MethodDefinition<_treeline_v1_PauseRolloutRequest, _treeline_v1_PauseRolloutResponse, _treeline_v1_PauseRolloutRequest__Output, _treeline_v1_PauseRolloutResponse__Output>
  PlanRollout: MethodDefinition<_treeline_v1_PlanRolloutRequest, _treeline_v1_PlanRolloutResponse, _treeline_v1_PlanRolloutRequest__Output, _treeline_v1_PlanRolloutResponse__Output>
  ResumeRollout: MethodDefinition<_treeline_v1_ResumeRolloutRequest, _treeline_v1_ResumeRolloutResponse, _treeline_v1_ResumeRolloutRequest__Output, _treeline_v1_ResumeRolloutResponse__Output>
  RetryRollout: MethodDefinition<_treeline_v1_RetryRolloutRequest, _treeline_v1_RetryRolloutResponse, _treeline_v1_RetryRolloutRequest__Output, _treeline_v1_RetryRolloutResponse__Output>
  RollbackRollout: MethodDefinition<_treeline_v1_RollbackRolloutRequest, _treeline_v1_RollbackRolloutResponse, _treeline_v1_RollbackRolloutRequest__Output, _treeline_v1_RollbackRolloutResponse__Output>
  StartRollout: MethodDefinition<_treeline_v1_StartRolloutRequest, _treeline_v1_StartRolloutResponse, _treeline_v1_StartRolloutRequest__Output, _treeline_v1_StartRolloutResponse__Output>
}
