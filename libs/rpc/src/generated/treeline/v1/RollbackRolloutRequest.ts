// Original file: treeline/v1/rollout.proto


export interface RollbackRolloutRequest {
  'name'?: (string);
  'reason'?: (string);
}

export interface RollbackRolloutRequest__Output {
  'name': (string);
  'reason': (string);
}
