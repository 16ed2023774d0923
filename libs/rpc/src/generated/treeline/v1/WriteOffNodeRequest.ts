// Original file: treeline/v1/node.proto


export interface WriteOffNodeRequest {
  'node'?: (string);
  'reason'?: (string);
}

export interface WriteOffNodeRequest__Output {
  'node': (string);
  'reason': (string);
}
