// Original file: treeline/v1/rollout.proto


export interface AbortRolloutRequest {
  'name'?: (string);
  'reason'?: (string);
}

export interface AbortRolloutRequest__Output {
  'name': (string);
  'reason': (string);
}
