// Original file: treeline/v1/agent.proto

import type { Generation as _treeline_v1_Generation, Generation__Output as _treeline_v1_Generation__Output } from '../../treeline/v1/Generation.ts';
import type { AttemptRef as _treeline_v1_AttemptRef, AttemptRef__Output as _treeline_v1_AttemptRef__Output } from '../../treeline/v1/AttemptRef.ts';

export interface Hello {
  'agentVersion'?: (string);
  'bootId'?: (string);
  'instanceNonce'?: (string);
  'highest'?: (_treeline_v1_Generation | null);
  'openAttempts'?: (_treeline_v1_AttemptRef)[];
  'followsKeyRotations'?: (boolean);
}

export interface Hello__Output {
  'agentVersion': (string);
  'bootId': (string);
  'instanceNonce': (string);
  'highest': (_treeline_v1_Generation__Output | null);
  'openAttempts': (_treeline_v1_AttemptRef__Output)[];
  'followsKeyRotations': (boolean);
}
