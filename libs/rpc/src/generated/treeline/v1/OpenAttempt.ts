// Original file: treeline/v1/agent.proto

import type { AttemptRef as _treeline_v1_AttemptRef, AttemptRef__Output as _treeline_v1_AttemptRef__Output } from '../../treeline/v1/AttemptRef.ts';
import type { Target as _treeline_v1_Target, Target__Output as _treeline_v1_Target__Output } from '../../treeline/v1/Target.ts';
import type { UpdatePhase as _treeline_v1_UpdatePhase, UpdatePhase__Output as _treeline_v1_UpdatePhase__Output } from '../../treeline/v1/UpdatePhase.ts';

export interface OpenAttempt {
  'attempt'?: (_treeline_v1_AttemptRef | null);
  'target'?: (_treeline_v1_Target | null);
  'baseChecksum'?: (string);
  'phase'?: (_treeline_v1_UpdatePhase);
  'confirmedBootId'?: (string);
  'baseSerial'?: (number);
}

export interface OpenAttempt__Output {
  'attempt': (_treeline_v1_AttemptRef__Output | null);
  'target': (_treeline_v1_Target__Output | null);
  'baseChecksum': (string);
  'phase': (_treeline_v1_UpdatePhase__Output);
  'confirmedBootId': (string);
  'baseSerial': (number);
}
