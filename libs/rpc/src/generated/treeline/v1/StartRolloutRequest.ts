// Original file: treeline/v1/rollout.proto


export interface StartRolloutRequest {
  'name'?: (string);
}

export interface StartRolloutRequest__Output {
  'name': (string);
}
