// Original file: treeline/v1/node.proto

import type { Node as _treeline_v1_Node, Node__Output as _treeline_v1_Node__Output } from '../../treeline/v1/Node.ts';

export interface ListNodesResponse {
  'nodes'?: (_treeline_v1_Node)[];
  'nextPageToken'?: (string);
}

export interface ListNodesResponse__Output {
  'nodes': (_treeline_v1_Node__Output)[];
  'nextPageToken': (string);
}
