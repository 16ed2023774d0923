// Original file: treeline/v1/agent.proto

import type { Generation as _treeline_v1_Generation, Generation__Output as _treeline_v1_Generation__Output } from '../../treeline/v1/Generation.ts';
import type { Target as _treeline_v1_Target, Target__Output as _treeline_v1_Target__Output } from '../../treeline/v1/Target.ts';
import type { AttemptOrder as _treeline_v1_AttemptOrder, AttemptOrder__Output as _treeline_v1_AttemptOrder__Output } from '../../treeline/v1/AttemptOrder.ts';

export interface Intent {
  'generation'?: (_treeline_v1_Generation | null);
  'target'?: (_treeline_v1_Target | null);
  'attempt'?: (_treeline_v1_AttemptOrder | null);
  'keep'?: (string);
}

export interface Intent__Output {
  'generation': (_treeline_v1_Generation__Output | null);
  'target': (_treeline_v1_Target__Output | null);
  'attempt': (_treeline_v1_AttemptOrder__Output | null);
  'keep': (string);
}
