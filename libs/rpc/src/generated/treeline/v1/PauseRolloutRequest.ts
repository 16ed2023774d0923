// Original file: treeline/v1/rollout.proto


export interface PauseRolloutRequest {
  'name'?: (string);
  'reason'?: (string);
}

export interface PauseRolloutRequest__Output {
  'name': (string);
  'reason': (string);
}
