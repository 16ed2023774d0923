// Original file: treeline/v1/node.proto


export interface ExplainNodeRequest {
  'node'?: (string);
}

export interface ExplainNodeRequest__Output {
  'node': (string);
}
