// Original file: treeline/v1/agent.proto

import type { AttemptRef as _treeline_v1_AttemptRef, AttemptRef__Output as _treeline_v1_AttemptRef__Output } from '../../treeline/v1/AttemptRef.ts';
import type { Permission as _treeline_v1_Permission, Permission__Output as _treeline_v1_Permission__Output } from '../../treeline/v1/Permission.ts';

export interface ConfirmRequest {
  'attempt'?: (_treeline_v1_AttemptRef | null);
  'permission'?: (_treeline_v1_Permission | null);
  'bootId'?: (string);
  'nonce'?: (string);
  'checksum'?: (string);
}

export interface ConfirmRequest__Output {
  'attempt': (_treeline_v1_AttemptRef__Output | null);
  'permission': (_treeline_v1_Permission__Output | null);
  'bootId': (string);
  'nonce': (string);
  'checksum': (string);
}
