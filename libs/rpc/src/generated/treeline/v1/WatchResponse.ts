// Original file: treeline/v1/watch.proto

import type { Rollout as _treeline_v1_Rollout, Rollout__Output as _treeline_v1_Rollout__Output } from '../../treeline/v1/Rollout.ts';

export interface WatchResponse {
  'rollout'?: (_treeline_v1_Rollout | null);
}

export interface WatchResponse__Output {
  'rollout': (_treeline_v1_Rollout__Output | null);
}
