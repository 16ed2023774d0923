// Original file: treeline/v1/watch.proto

import type { Rollout as _treeline_v1_Rollout, Rollout__Output as _treeline_v1_Rollout__Output } from '../../treeline/v1/Rollout.ts';
import type { RolloutNode as _treeline_v1_RolloutNode, RolloutNode__Output as _treeline_v1_RolloutNode__Output } from '../../treeline/v1/RolloutNode.ts';

export interface WatchResponse {
  'rollout'?: (_treeline_v1_Rollout | null);
  'nodes'?: (_treeline_v1_RolloutNode)[];
  'removed'?: (string)[];
  'partial'?: (boolean);
}

export interface WatchResponse__Output {
  'rollout': (_treeline_v1_Rollout__Output | null);
  'nodes': (_treeline_v1_RolloutNode__Output)[];
  'removed': (string)[];
  'partial': (boolean);
}
