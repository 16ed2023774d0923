// Original file: treeline/v1/node.proto

import type { Explanation as _treeline_v1_Explanation, Explanation__Output as _treeline_v1_Explanation__Output } from '../../treeline/v1/Explanation.ts';

export interface ExplainNodeResponse {
  'nodeId'?: (string);
  'name'?: (string);
  'reasons'?: (_treeline_v1_Explanation)[];
}

export interface ExplainNodeResponse__Output {
  'nodeId': (string);
  'name': (string);
  'reasons': (_treeline_v1_Explanation__Output)[];
}
