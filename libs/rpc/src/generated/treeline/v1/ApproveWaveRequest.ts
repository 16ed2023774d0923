// Original file: treeline/v1/rollout.proto


export interface ApproveWaveRequest {
  'name'?: (string);
  'wave'?: (string);
  'reason'?: (string);
}

export interface ApproveWaveRequest__Output {
  'name': (string);
  'wave': (string);
  'reason': (string);
}
