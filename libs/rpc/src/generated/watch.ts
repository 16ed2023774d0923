import type * as grpc from '@grpc/grpc-js';
import type { EnumTypeDefinition, MessageTypeDefinition } from '@grpc/proto-loader';

import type { AbortRolloutRequest as _treeline_v1_AbortRolloutRequest, AbortRolloutRequest__Output as _treeline_v1_AbortRolloutRequest__Output } from './treeline/v1/AbortRolloutRequest.ts';
import type { AbortRolloutResponse as _treeline_v1_AbortRolloutResponse, AbortRolloutResponse__Output as _treeline_v1_AbortRolloutResponse__Output } from './treeline/v1/AbortRolloutResponse.ts';
import type { AttemptRef as _treeline_v1_AttemptRef, AttemptRef__Output as _treeline_v1_AttemptRef__Output } from './treeline/v1/AttemptRef.ts';
import type { CheckResult as _treeline_v1_CheckResult, CheckResult__Output as _treeline_v1_CheckResult__Output } from './treeline/v1/CheckResult.ts';
import type { CreateRolloutRequest as _treeline_v1_CreateRolloutRequest, CreateRolloutRequest__Output as _treeline_v1_CreateRolloutRequest__Output } from './treeline/v1/CreateRolloutRequest.ts';
import type { CreateRolloutResponse as _treeline_v1_CreateRolloutResponse, CreateRolloutResponse__Output as _treeline_v1_CreateRolloutResponse__Output } from './treeline/v1/CreateRolloutResponse.ts';
import type { Deployment as _treeline_v1_Deployment, Deployment__Output as _treeline_v1_Deployment__Output } from './treeline/v1/Deployment.ts';
import type { Generation as _treeline_v1_Generation, Generation__Output as _treeline_v1_Generation__Output } from './treeline/v1/Generation.ts';
import type { GetRolloutRequest as _treeline_v1_GetRolloutRequest, GetRolloutRequest__Output as _treeline_v1_GetRolloutRequest__Output } from './treeline/v1/GetRolloutRequest.ts';
import type { GetRolloutResponse as _treeline_v1_GetRolloutResponse, GetRolloutResponse__Output as _treeline_v1_GetRolloutResponse__Output } from './treeline/v1/GetRolloutResponse.ts';
import type { ListRolloutsRequest as _treeline_v1_ListRolloutsRequest, ListRolloutsRequest__Output as _treeline_v1_ListRolloutsRequest__Output } from './treeline/v1/ListRolloutsRequest.ts';
import type { ListRolloutsResponse as _treeline_v1_ListRolloutsResponse, ListRolloutsResponse__Output as _treeline_v1_ListRolloutsResponse__Output } from './treeline/v1/ListRolloutsResponse.ts';
import type { PauseRolloutRequest as _treeline_v1_PauseRolloutRequest, PauseRolloutRequest__Output as _treeline_v1_PauseRolloutRequest__Output } from './treeline/v1/PauseRolloutRequest.ts';
import type { PauseRolloutResponse as _treeline_v1_PauseRolloutResponse, PauseRolloutResponse__Output as _treeline_v1_PauseRolloutResponse__Output } from './treeline/v1/PauseRolloutResponse.ts';
import type { ResumeRolloutRequest as _treeline_v1_ResumeRolloutRequest, ResumeRolloutRequest__Output as _treeline_v1_ResumeRolloutRequest__Output } from './treeline/v1/ResumeRolloutRequest.ts';
import type { ResumeRolloutResponse as _treeline_v1_ResumeRolloutResponse, ResumeRolloutResponse__Output as _treeline_v1_ResumeRolloutResponse__Output } from './treeline/v1/ResumeRolloutResponse.ts';
import type { Rollout as _treeline_v1_Rollout, Rollout__Output as _treeline_v1_Rollout__Output } from './treeline/v1/Rollout.ts';
import type { RolloutNode as _treeline_v1_RolloutNode, RolloutNode__Output as _treeline_v1_RolloutNode__Output } from './treeline/v1/RolloutNode.ts';
import type { RolloutPolicy as _treeline_v1_RolloutPolicy, RolloutPolicy__Output as _treeline_v1_RolloutPolicy__Output } from './treeline/v1/RolloutPolicy.ts';
import type { RolloutServiceClient as _treeline_v1_RolloutServiceClient, RolloutServiceDefinition as _treeline_v1_RolloutServiceDefinition } from './treeline/v1/RolloutService.ts';
import type { StartRolloutRequest as _treeline_v1_StartRolloutRequest, StartRolloutRequest__Output as _treeline_v1_StartRolloutRequest__Output } from './treeline/v1/StartRolloutRequest.ts';
import type { StartRolloutResponse as _treeline_v1_StartRolloutResponse, StartRolloutResponse__Output as _treeline_v1_StartRolloutResponse__Output } from './treeline/v1/StartRolloutResponse.ts';
import type { Target as _treeline_v1_Target, Target__Output as _treeline_v1_Target__Output } from './treeline/v1/Target.ts';
import type { WatchRequest as _treeline_v1_WatchRequest, WatchRequest__Output as _treeline_v1_WatchRequest__Output } from './treeline/v1/WatchRequest.ts';
import type { WatchResponse as _treeline_v1_WatchResponse, WatchResponse__Output as _treeline_v1_WatchResponse__Output } from './treeline/v1/WatchResponse.ts';
import type { WatchServiceClient as _treeline_v1_WatchServiceClient, WatchServiceDefinition as _treeline_v1_WatchServiceDefinition } from './treeline/v1/WatchService.ts';
import type { Wave as _treeline_v1_Wave, Wave__Output as _treeline_v1_Wave__Output } from './treeline/v1/Wave.ts';

type SubtypeConstructor<Constructor extends new (...args: any) => any, Subtype> = {
  new(...args: ConstructorParameters<Constructor>): Subtype;
};

export interface ProtoGrpcType {
  treeline: {
    v1: {
      AbortRolloutRequest: MessageTypeDefinition<_treeline_v1_AbortRolloutRequest, _treeline_v1_AbortRolloutRequest__Output>
      AbortRolloutResponse: MessageTypeDefinition<_treeline_v1_AbortRolloutResponse, _treeline_v1_AbortRolloutResponse__Output>
      AttemptRef: MessageTypeDefinition<_treeline_v1_AttemptRef, _treeline_v1_AttemptRef__Output>
      CheckResult: MessageTypeDefinition<_treeline_v1_CheckResult, _treeline_v1_CheckResult__Output>
      CreateRolloutRequest: MessageTypeDefinition<_treeline_v1_CreateRolloutRequest, _treeline_v1_CreateRolloutRequest__Output>
      CreateRolloutResponse: MessageTypeDefinition<_treeline_v1_CreateRolloutResponse, _treeline_v1_CreateRolloutResponse__Output>
      Deployment: MessageTypeDefinition<_treeline_v1_Deployment, _treeline_v1_Deployment__Output>
      Generation: MessageTypeDefinition<_treeline_v1_Generation, _treeline_v1_Generation__Output>
      GetRolloutRequest: MessageTypeDefinition<_treeline_v1_GetRolloutRequest, _treeline_v1_GetRolloutRequest__Output>
      GetRolloutResponse: MessageTypeDefinition<_treeline_v1_GetRolloutResponse, _treeline_v1_GetRolloutResponse__Output>
      ListRolloutsRequest: MessageTypeDefinition<_treeline_v1_ListRolloutsRequest, _treeline_v1_ListRolloutsRequest__Output>
      ListRolloutsResponse: MessageTypeDefinition<_treeline_v1_ListRolloutsResponse, _treeline_v1_ListRolloutsResponse__Output>
      PauseRolloutRequest: MessageTypeDefinition<_treeline_v1_PauseRolloutRequest, _treeline_v1_PauseRolloutRequest__Output>
      PauseRolloutResponse: MessageTypeDefinition<_treeline_v1_PauseRolloutResponse, _treeline_v1_PauseRolloutResponse__Output>
      ResumeRolloutRequest: MessageTypeDefinition<_treeline_v1_ResumeRolloutRequest, _treeline_v1_ResumeRolloutRequest__Output>
      ResumeRolloutResponse: MessageTypeDefinition<_treeline_v1_ResumeRolloutResponse, _treeline_v1_ResumeRolloutResponse__Output>
      Rollout: MessageTypeDefinition<_treeline_v1_Rollout, _treeline_v1_Rollout__Output>
      RolloutNode: MessageTypeDefinition<_treeline_v1_RolloutNode, _treeline_v1_RolloutNode__Output>
      RolloutPolicy: MessageTypeDefinition<_treeline_v1_RolloutPolicy, _treeline_v1_RolloutPolicy__Output>
      RolloutService: SubtypeConstructor<typeof grpc.Client, _treeline_v1_RolloutServiceClient> & { service: _treeline_v1_RolloutServiceDefinition }
      RolloutState: EnumTypeDefinition
      StartRolloutRequest: MessageTypeDefinition<_treeline_v1_StartRolloutRequest, _treeline_v1_StartRolloutRequest__Output>
      StartRolloutResponse: MessageTypeDefinition<_treeline_v1_StartRolloutResponse, _treeline_v1_StartRolloutResponse__Output>
      Target: MessageTypeDefinition<_treeline_v1_Target, _treeline_v1_Target__Output>
      UpdatePhase: EnumTypeDefinition
      WatchRequest: MessageTypeDefinition<_treeline_v1_WatchRequest, _treeline_v1_WatchRequest__Output>
      WatchResponse: MessageTypeDefinition<_treeline_v1_WatchResponse, _treeline_v1_WatchResponse__Output>
      WatchService: SubtypeConstructor<typeof grpc.Client, _treeline_v1_WatchServiceClient> & { service: _treeline_v1_WatchServiceDefinition }
      Wave: MessageTypeDefinition<_treeline_v1_Wave, _treeline_v1_Wave__Output>
    }
  }
}

