import type { EnumTypeDefinition, MessageTypeDefinition } from '@grpc/proto-loader';

import type { AttemptRef as _treeline_v1_AttemptRef, AttemptRef__Output as _treeline_v1_AttemptRef__Output } from './treeline/v1/AttemptRef.ts';
import type { CheckResult as _treeline_v1_CheckResult, CheckResult__Output as _treeline_v1_CheckResult__Output } from './treeline/v1/CheckResult.ts';
import type { Deployment as _treeline_v1_Deployment, Deployment__Output as _treeline_v1_Deployment__Output } from './treeline/v1/Deployment.ts';
import type { Generation as _treeline_v1_Generation, Generation__Output as _treeline_v1_Generation__Output } from './treeline/v1/Generation.ts';
import type { Signed as _treeline_v1_Signed, Signed__Output as _treeline_v1_Signed__Output } from './treeline/v1/Signed.ts';
import type { Target as _treeline_v1_Target, Target__Output as _treeline_v1_Target__Output } from './treeline/v1/Target.ts';

export interface ProtoGrpcType {
  treeline: {
    v1: {
      AttemptRef: MessageTypeDefinition<_treeline_v1_AttemptRef, _treeline_v1_AttemptRef__Output>
      CheckResult: MessageTypeDefinition<_treeline_v1_CheckResult, _treeline_v1_CheckResult__Output>
      Deployment: MessageTypeDefinition<_treeline_v1_Deployment, _treeline_v1_Deployment__Output>
      Generation: MessageTypeDefinition<_treeline_v1_Generation, _treeline_v1_Generation__Output>
      Signed: MessageTypeDefinition<_treeline_v1_Signed, _treeline_v1_Signed__Output>
      Target: MessageTypeDefinition<_treeline_v1_Target, _treeline_v1_Target__Output>
      UpdatePhase: EnumTypeDefinition
    }
  }
}

