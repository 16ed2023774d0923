// Original file: treeline/v1/rollout.proto

import type { RolloutPolicy as _treeline_v1_RolloutPolicy, RolloutPolicy__Output as _treeline_v1_RolloutPolicy__Output } from '../../treeline/v1/RolloutPolicy.ts';

export interface PlanRolloutRequest {
  'name'?: (string);
  'policy'?: (_treeline_v1_RolloutPolicy | null);
}

export interface PlanRolloutRequest__Output {
  'name': (string);
  'policy': (_treeline_v1_RolloutPolicy__Output | null);
}
