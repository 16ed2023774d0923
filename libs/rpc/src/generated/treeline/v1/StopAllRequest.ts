// Original file: treeline/v1/stop.proto


export interface StopAllRequest {
  'selector'?: (string);
  'reason'?: (string);
  'sparesRollbacks'?: (boolean);
}

export interface StopAllRequest__Output {
  'selector': (string);
  'reason': (string);
  'sparesRollbacks': (boolean);
}
