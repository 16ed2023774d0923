// Original file: treeline/v1/rollout.proto

import type { RolloutNode as _treeline_v1_RolloutNode, RolloutNode__Output as _treeline_v1_RolloutNode__Output } from '../../treeline/v1/RolloutNode.ts';

export interface ListRolloutNodesResponse {
  'nodes'?: (_treeline_v1_RolloutNode)[];
  'nextPageToken'?: (string);
}

export interface ListRolloutNodesResponse__Output {
  'nodes': (_treeline_v1_RolloutNode__Output)[];
  'nextPageToken': (string);
}
