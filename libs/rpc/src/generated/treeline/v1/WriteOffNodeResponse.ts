// Original file: treeline/v1/node.proto

import type { Node as _treeline_v1_Node, Node__Output as _treeline_v1_Node__Output } from '../../treeline/v1/Node.ts';

export interface WriteOffNodeResponse {
  'node'?: (_treeline_v1_Node | null);
}

export interface WriteOffNodeResponse__Output {
  'node': (_treeline_v1_Node__Output | null);
}
