// Original file: treeline/v1/rollout.proto


export interface RetryRolloutRequest {
  'name'?: (string);
  'nodes'?: (string)[];
  'reason'?: (string);
}

export interface RetryRolloutRequest__Output {
  'name': (string);
  'nodes': (string)[];
  'reason': (string);
}
