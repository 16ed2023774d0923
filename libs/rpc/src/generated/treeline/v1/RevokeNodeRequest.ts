// Original file: treeline/v1/node.proto


export interface RevokeNodeRequest {
  'node'?: (string);
  'reason'?: (string);
}

export interface RevokeNodeRequest__Output {
  'node': (string);
  'reason': (string);
}
