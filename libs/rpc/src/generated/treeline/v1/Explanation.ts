// Original file: treeline/v1/node.proto


export interface Explanation {
  'code'?: (string);
  'reason'?: (string);
  'remedy'?: (string);
}

export interface Explanation__Output {
  'code': (string);
  'reason': (string);
  'remedy': (string);
}
