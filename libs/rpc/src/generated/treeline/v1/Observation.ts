// Original file: treeline/v1/agent.proto

import type { OsState as _treeline_v1_OsState, OsState__Output as _treeline_v1_OsState__Output } from '../../treeline/v1/OsState.ts';
import type { UpdateState as _treeline_v1_UpdateState, UpdateState__Output as _treeline_v1_UpdateState__Output } from '../../treeline/v1/UpdateState.ts';
import type { Health as _treeline_v1_Health, Health__Output as _treeline_v1_Health__Output } from '../../treeline/v1/Health.ts';
import type { Inventory as _treeline_v1_Inventory, Inventory__Output as _treeline_v1_Inventory__Output } from '../../treeline/v1/Inventory.ts';
import type { ExtendedResources as _treeline_v1_ExtendedResources, ExtendedResources__Output as _treeline_v1_ExtendedResources__Output } from '../../treeline/v1/ExtendedResources.ts';
import type { Trust as _treeline_v1_Trust, Trust__Output as _treeline_v1_Trust__Output } from '../../treeline/v1/Trust.ts';
import type { Long } from '@grpc/proto-loader';

export interface Observation {
  'sequence'?: (number | string | Long);
  'full'?: (boolean);
  'os'?: (_treeline_v1_OsState | null);
  'update'?: (_treeline_v1_UpdateState | null);
  'health'?: (_treeline_v1_Health | null);
  'inventory'?: (_treeline_v1_Inventory | null);
  'extendedResources'?: (_treeline_v1_ExtendedResources | null);
  'trust'?: (_treeline_v1_Trust | null);
}

export interface Observation__Output {
  'sequence': (string);
  'full': (boolean);
  'os': (_treeline_v1_OsState__Output | null);
  'update': (_treeline_v1_UpdateState__Output | null);
  'health': (_treeline_v1_Health__Output | null);
  'inventory': (_treeline_v1_Inventory__Output | null);
  'extendedResources': (_treeline_v1_ExtendedResources__Output | null);
  'trust': (_treeline_v1_Trust__Output | null);
}
