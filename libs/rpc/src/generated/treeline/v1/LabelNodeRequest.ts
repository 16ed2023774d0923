// Original file: treeline/v1/node.proto


export interface LabelNodeRequest {
  'node'?: (string);
  'set'?: ({[key: string]: string});
  'remove'?: (string)[];
}

export interface LabelNodeRequest__Output {
  'node': (string);
  'set': ({[key: string]: string});
  'remove': (string)[];
}
