// Original file: treeline/v1/rollout.proto

import type { RolloutPolicy as _treeline_v1_RolloutPolicy, RolloutPolicy__Output as _treeline_v1_RolloutPolicy__Output } from '../../treeline/v1/RolloutPolicy.ts';
import type { RolloutState as _treeline_v1_RolloutState, RolloutState__Output as _treeline_v1_RolloutState__Output } from '../../treeline/v1/RolloutState.ts';
import type { Target as _treeline_v1_Target, Target__Output as _treeline_v1_Target__Output } from '../../treeline/v1/Target.ts';
import type { WaveStatus as _treeline_v1_WaveStatus, WaveStatus__Output as _treeline_v1_WaveStatus__Output } from '../../treeline/v1/WaveStatus.ts';
import type { NodeCounts as _treeline_v1_NodeCounts, NodeCounts__Output as _treeline_v1_NodeCounts__Output } from '../../treeline/v1/NodeCounts.ts';
import type { Long } from '@grpc/proto-loader';

export interface Rollout {
  'name'?: (string);
  'policy'?: (_treeline_v1_RolloutPolicy | null);
  'state'?: (_treeline_v1_RolloutState);
  'reason'?: (string);
  'target'?: (_treeline_v1_Target | null);
  'createdAtMillis'?: (number | string | Long);
  'startedAtMillis'?: (number | string | Long);
  'endedAtMillis'?: (number | string | Long);
  'openWave'?: (number);
  'waves'?: (_treeline_v1_WaveStatus)[];
  'nodesByStanding'?: (_treeline_v1_NodeCounts | null);
  'slotsHeld'?: (number);
  'goingBack'?: (boolean);
  'settled'?: (boolean);
}

export interface Rollout__Output {
  'name': (string);
  'policy': (_treeline_v1_RolloutPolicy__Output | null);
  'state': (_treeline_v1_RolloutState__Output);
  'reason': (string);
  'target': (_treeline_v1_Target__Output | null);
  'createdAtMillis': (string);
  'startedAtMillis': (string);
  'endedAtMillis': (string);
  'openWave': (number);
  'waves': (_treeline_v1_WaveStatus__Output)[];
  'nodesByStanding': (_treeline_v1_NodeCounts__Output | null);
  'slotsHeld': (number);
  'goingBack': (boolean);
  'settled': (boolean);
}
