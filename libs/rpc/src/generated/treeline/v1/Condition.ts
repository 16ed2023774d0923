// Original file: treeline/v1/node.proto


export interface Condition {
  'type'?: (string);
  'status'?: (boolean);
  'reason'?: (string);
  'message'?: (string);
}

export interface Condition__Output {
  'type': (string);
  'status': (boolean);
  'reason': (string);
  'message': (string);
}
