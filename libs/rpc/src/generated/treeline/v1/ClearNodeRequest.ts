// Original file: treeline/v1/node.proto


export interface ClearNodeRequest {
  'node'?: (string);
  'checksum'?: (string);
  'reason'?: (string);
}

export interface ClearNodeRequest__Output {
  'node': (string);
  'checksum': (string);
  'reason': (string);
}
