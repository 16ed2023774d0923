// Original file: treeline/v1/agent.proto

import type { UpdatePhase as _treeline_v1_UpdatePhase, UpdatePhase__Output as _treeline_v1_UpdatePhase__Output } from '../../treeline/v1/UpdatePhase.ts';
import type { OpenAttempt as _treeline_v1_OpenAttempt, OpenAttempt__Output as _treeline_v1_OpenAttempt__Output } from '../../treeline/v1/OpenAttempt.ts';
import type { ClosedAttempt as _treeline_v1_ClosedAttempt, ClosedAttempt__Output as _treeline_v1_ClosedAttempt__Output } from '../../treeline/v1/ClosedAttempt.ts';
import type { DeniedCommit as _treeline_v1_DeniedCommit, DeniedCommit__Output as _treeline_v1_DeniedCommit__Output } from '../../treeline/v1/DeniedCommit.ts';
import type { Generation as _treeline_v1_Generation, Generation__Output as _treeline_v1_Generation__Output } from '../../treeline/v1/Generation.ts';

export interface UpdateState {
  'phase'?: (_treeline_v1_UpdatePhase);
  'reason'?: (string);
  'open'?: (_treeline_v1_OpenAttempt | null);
  'closed'?: (_treeline_v1_ClosedAttempt)[];
  'denied'?: (_treeline_v1_DeniedCommit)[];
  'highest'?: (_treeline_v1_Generation | null);
  'journalNote'?: (string);
}

export interface UpdateState__Output {
  'phase': (_treeline_v1_UpdatePhase__Output);
  'reason': (string);
  'open': (_treeline_v1_OpenAttempt__Output | null);
  'closed': (_treeline_v1_ClosedAttempt__Output)[];
  'denied': (_treeline_v1_DeniedCommit__Output)[];
  'highest': (_treeline_v1_Generation__Output | null);
  'journalNote': (string);
}
