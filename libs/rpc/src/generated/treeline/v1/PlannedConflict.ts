// Original file: treeline/v1/rollout.proto


export interface PlannedConflict {
  'rollout'?: (string);
  'nodes'?: (number);
  'reason'?: (string);
}

export interface PlannedConflict__Output {
  'rollout': (string);
  'nodes': (number);
  'reason': (string);
}
