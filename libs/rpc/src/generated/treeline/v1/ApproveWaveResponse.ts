// Original file: treeline/v1/rollout.proto

import type { Rollout as _treeline_v1_Rollout, Rollout__Output as _treeline_v1_Rollout__Output } from '../../treeline/v1/Rollout.ts';

export interface ApproveWaveResponse {
  'rollout'?: (_treeline_v1_Rollout | null);
}

export interface ApproveWaveResponse__Output {
  'rollout': (_treeline_v1_Rollout__Output | null);
}
