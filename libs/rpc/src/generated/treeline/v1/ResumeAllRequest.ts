// Original file: treeline/v1/stop.proto


export interface ResumeAllRequest {
  'selector'?: (string);
  'reason'?: (string);
}

export interface ResumeAllRequest__Output {
  'selector': (string);
  'reason': (string);
}
