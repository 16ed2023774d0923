// Original file: treeline/v1/agent.proto

import type { AttemptRef as _treeline_v1_AttemptRef, AttemptRef__Output as _treeline_v1_AttemptRef__Output } from '../../treeline/v1/AttemptRef.ts';
import type { Permission as _treeline_v1_Permission, Permission__Output as _treeline_v1_Permission__Output } from '../../treeline/v1/Permission.ts';
import type { Long } from '@grpc/proto-loader';

export interface AttemptOrder {
  'ref'?: (_treeline_v1_AttemptRef | null);
  'soakMillis'?: (number);
  'clearDenied'?: (boolean);
  'permission'?: (_treeline_v1_Permission | null);
  'back'?: (boolean);
  'maxBytesPerSecond'?: (number | string | Long);
  'cure'?: (boolean);
}

export interface AttemptOrder__Output {
  'ref': (_treeline_v1_AttemptRef__Output | null);
  'soakMillis': (number);
  'clearDenied': (boolean);
  'permission': (_treeline_v1_Permission__Output | null);
  'back': (boolean);
  'maxBytesPerSecond': (string);
  'cure': (boolean);
}
