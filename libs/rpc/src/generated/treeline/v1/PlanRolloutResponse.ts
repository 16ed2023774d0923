// Original file: treeline/v1/rollout.proto

import type { RolloutPlan as _treeline_v1_RolloutPlan, RolloutPlan__Output as _treeline_v1_RolloutPlan__Output } from '../../treeline/v1/RolloutPlan.ts';

export interface PlanRolloutResponse {
  'plan'?: (_treeline_v1_RolloutPlan | null);
}

export interface PlanRolloutResponse__Output {
  'plan': (_treeline_v1_RolloutPlan__Output | null);
}
