// Original file: treeline/v1/rollout.proto

import type { UpdatePhase as _treeline_v1_UpdatePhase, UpdatePhase__Output as _treeline_v1_UpdatePhase__Output } from '../../treeline/v1/UpdatePhase.ts';

export interface ListRolloutNodesRequest {
  'name'?: (string);
  'phases'?: (_treeline_v1_UpdatePhase)[];
  'pageSize'?: (number);
  'pageToken'?: (string);
}

export interface ListRolloutNodesRequest__Output {
  'name': (string);
  'phases': (_treeline_v1_UpdatePhase__Output)[];
  'pageSize': (number);
  'pageToken': (string);
}
