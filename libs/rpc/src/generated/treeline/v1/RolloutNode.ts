// Original file: treeline/v1/rollout.proto

import type { UpdatePhase as _treeline_v1_UpdatePhase, UpdatePhase__Output as _treeline_v1_UpdatePhase__Output } from '../../treeline/v1/UpdatePhase.ts';
import type { Long } from '@grpc/proto-loader';

export interface RolloutNode {
  'nodeId'?: (string);
  'name'?: (string);
  'wave'?: (number);
  'phase'?: (_treeline_v1_UpdatePhase);
  'class'?: (string);
  'reason'?: (string);
  'attempt'?: (number);
  'holdsSlot'?: (boolean);
  'bytesPulled'?: (number | string | Long);
  'confirmed'?: (boolean);
  'connected'?: (boolean);
  'proved'?: (boolean);
  'goingBack'?: (boolean);
  'bytesToPull'?: (number | string | Long);
}

export interface RolloutNode__Output {
  'nodeId': (string);
  'name': (string);
  'wave': (number);
  'phase': (_treeline_v1_UpdatePhase__Output);
  'class': (string);
  'reason': (string);
  'attempt': (number);
  'holdsSlot': (boolean);
  'bytesPulled': (string);
  'confirmed': (boolean);
  'connected': (boolean);
  'proved': (boolean);
  'goingBack': (boolean);
  'bytesToPull': (string);
}
