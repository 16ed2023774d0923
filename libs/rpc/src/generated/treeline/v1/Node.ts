// Original file: treeline/v1/node.proto

import type { UpdatePhase as _treeline_v1_UpdatePhase, UpdatePhase__Output as _treeline_v1_UpdatePhase__Output } from '../../treeline/v1/UpdatePhase.ts';
import type { OsState as _treeline_v1_OsState, OsState__Output as _treeline_v1_OsState__Output } from '../../treeline/v1/OsState.ts';
import type { UpdateState as _treeline_v1_UpdateState, UpdateState__Output as _treeline_v1_UpdateState__Output } from '../../treeline/v1/UpdateState.ts';
import type { Health as _treeline_v1_Health, Health__Output as _treeline_v1_Health__Output } from '../../treeline/v1/Health.ts';
import type { Inventory as _treeline_v1_Inventory, Inventory__Output as _treeline_v1_Inventory__Output } from '../../treeline/v1/Inventory.ts';
import type { Intent as _treeline_v1_Intent, Intent__Output as _treeline_v1_Intent__Output } from '../../treeline/v1/Intent.ts';
import type { Condition as _treeline_v1_Condition, Condition__Output as _treeline_v1_Condition__Output } from '../../treeline/v1/Condition.ts';
import type { Signed as _treeline_v1_Signed, Signed__Output as _treeline_v1_Signed__Output } from '../../treeline/v1/Signed.ts';
import type { DeniedCommit as _treeline_v1_DeniedCommit, DeniedCommit__Output as _treeline_v1_DeniedCommit__Output } from '../../treeline/v1/DeniedCommit.ts';
import type { Trust as _treeline_v1_Trust, Trust__Output as _treeline_v1_Trust__Output } from '../../treeline/v1/Trust.ts';
import type { Long } from '@grpc/proto-loader';

export interface Node {
  'id'?: (string);
  'name'?: (string);
  'labels'?: ({[key: string]: string});
  'connected'?: (boolean);
  'revoked'?: (boolean);
  'enrolledAtMillis'?: (number | string | Long);
  'lastSeenAtMillis'?: (number | string | Long);
  'phase'?: (_treeline_v1_UpdatePhase);
  'reason'?: (string);
  'os'?: (_treeline_v1_OsState | null);
  'update'?: (_treeline_v1_UpdateState | null);
  'health'?: (_treeline_v1_Health | null);
  'inventory'?: (_treeline_v1_Inventory | null);
  'intent'?: (_treeline_v1_Intent | null);
  'rollout'?: (string);
  'holdsSlot'?: (boolean);
  'agentVersion'?: (string);
  'conditions'?: (_treeline_v1_Condition)[];
  'writtenOff'?: (_treeline_v1_Signed | null);
  'denied'?: (_treeline_v1_DeniedCommit)[];
  'trust'?: (_treeline_v1_Trust | null);
}

export interface Node__Output {
  'id': (string);
  'name': (string);
  'labels': ({[key: string]: string});
  'connected': (boolean);
  'revoked': (boolean);
  'enrolledAtMillis': (string);
  'lastSeenAtMillis': (string);
  'phase': (_treeline_v1_UpdatePhase__Output);
  'reason': (string);
  'os': (_treeline_v1_OsState__Output | null);
  'update': (_treeline_v1_UpdateState__Output | null);
  'health': (_treeline_v1_Health__Output | null);
  'inventory': (_treeline_v1_Inventory__Output | null);
  'intent': (_treeline_v1_Intent__Output | null);
  'rollout': (string);
  'holdsSlot': (boolean);
  'agentVersion': (string);
  'conditions': (_treeline_v1_Condition__Output)[];
  'writtenOff': (_treeline_v1_Signed__Output | null);
  'denied': (_treeline_v1_DeniedCommit__Output)[];
  'trust': (_treeline_v1_Trust__Output | null);
}
