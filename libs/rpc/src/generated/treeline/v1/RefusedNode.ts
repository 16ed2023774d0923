// Original file: treeline/v1/rollout.proto


export interface RefusedNode {
  'nodeId'?: (string);
  'name'?: (string);
  'code'?: (string);
  'reason'?: (string);
}

export interface RefusedNode__Output {
  'nodeId': (string);
  'name': (string);
  'code': (string);
  'reason': (string);
}
