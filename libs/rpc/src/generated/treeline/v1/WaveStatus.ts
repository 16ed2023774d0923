// Original file: treeline/v1/rollout.proto

import type { WaveState as _treeline_v1_WaveState, WaveState__Output as _treeline_v1_WaveState__Output } from '../../treeline/v1/WaveState.ts';
import type { NodeCounts as _treeline_v1_NodeCounts, NodeCounts__Output as _treeline_v1_NodeCounts__Output } from '../../treeline/v1/NodeCounts.ts';
import type { Signed as _treeline_v1_Signed, Signed__Output as _treeline_v1_Signed__Output } from '../../treeline/v1/Signed.ts';
import type { Long } from '@grpc/proto-loader';

export interface WaveStatus {
  'name'?: (string);
  'state'?: (_treeline_v1_WaveState);
  'nodesByStanding'?: (_treeline_v1_NodeCounts | null);
  'bakingSinceMillis'?: (number | string | Long);
  'bakeEndsAtMillis'?: (number | string | Long);
  'needsApproval'?: (boolean);
  'approval'?: (_treeline_v1_Signed | null);
}

export interface WaveStatus__Output {
  'name': (string);
  'state': (_treeline_v1_WaveState__Output);
  'nodesByStanding': (_treeline_v1_NodeCounts__Output | null);
  'bakingSinceMillis': (string);
  'bakeEndsAtMillis': (string);
  'needsApproval': (boolean);
  'approval': (_treeline_v1_Signed__Output | null);
}
