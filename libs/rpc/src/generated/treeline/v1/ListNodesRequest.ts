// Original file: treeline/v1/node.proto


export interface ListNodesRequest {
  'selector'?: (string);
  'pageSize'?: (number);
  'pageToken'?: (string);
}

export interface ListNodesRequest__Output {
  'selector': (string);
  'pageSize': (number);
  'pageToken': (string);
}
