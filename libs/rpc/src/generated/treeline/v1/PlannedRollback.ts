// Original file: treeline/v1/rollout.proto


export interface PlannedRollback {
  'etcKept'?: (number);
  'etcMerged'?: (number);
  'unknown'?: (number);
}

export interface PlannedRollback__Output {
  'etcKept': (number);
  'etcMerged': (number);
  'unknown': (number);
}
