// Original file: treeline/v1/rollout.proto


export interface ResumeRolloutRequest {
  'name'?: (string);
  'reason'?: (string);
}

export interface ResumeRolloutRequest__Output {
  'name': (string);
  'reason': (string);
}
