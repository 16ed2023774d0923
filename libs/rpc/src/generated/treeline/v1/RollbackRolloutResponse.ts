// Original file: treeline/v1/rollout.proto

import type { Rollout as _treeline_v1_Rollout, Rollout__Output as _treeline_v1_Rollout__Output } from '../../treeline/v1/Rollout.ts';

export interface RollbackRolloutResponse {
  'rollout'?: (_treeline_v1_Rollout | null);
}

export interface RollbackRolloutResponse__Output {
  'rollout': (_treeline_v1_Rollout__Output | null);
}
