// Original file: treeline/v1/node.proto

import type { Node as _treeline_v1_Node, Node__Output as _treeline_v1_Node__Output } from '../../treeline/v1/Node.ts';

export interface ClearNodeResponse {
  'node'?: (_treeline_v1_Node | null);
}

export interface ClearNodeResponse__Output {
  'node': (_treeline_v1_Node__Output | null);
}
