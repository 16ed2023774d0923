// Original file: treeline/v1/rollout.proto

import type { Rollout as _treeline_v1_Rollout, Rollout__Output as _treeline_v1_Rollout__Output } from '../../treeline/v1/Rollout.ts';

export interface ListRolloutsResponse {
  'rollouts'?: (_treeline_v1_Rollout)[];
  'nextPageToken'?: (string);
}

export interface ListRolloutsResponse__Output {
  'rollouts': (_treeline_v1_Rollout__Output)[];
  'nextPageToken': (string);
}
