// Original file: treeline/v1/rollout.proto


export interface GetRolloutRequest {
  'name'?: (string);
}

export interface GetRolloutRequest__Output {
  'name': (string);
}
