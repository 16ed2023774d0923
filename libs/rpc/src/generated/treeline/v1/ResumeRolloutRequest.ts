// Original file: treeline/v1/rollout.proto


export interface ResumeRolloutRequest {
  'name'?: (string);
}

export interface ResumeRolloutRequest__Output {
  'name': (string);
}
