// Original file: treeline/v1/common.proto


export interface AttemptRef {
  'rollout'?: (string);
  'number'?: (number);
}

export interface AttemptRef__Output {
  'rollout': (string);
  'number': (number);
}
