// Original file: treeline/v1/agent.proto

import type { Welcome as _treeline_v1_Welcome, Welcome__Output as _treeline_v1_Welcome__Output } from '../../treeline/v1/Welcome.ts';
import type { Acknowledgement as _treeline_v1_Acknowledgement, Acknowledgement__Output as _treeline_v1_Acknowledgement__Output } from '../../treeline/v1/Acknowledgement.ts';
import type { Heartbeat as _treeline_v1_Heartbeat, Heartbeat__Output as _treeline_v1_Heartbeat__Output } from '../../treeline/v1/Heartbeat.ts';
import type { Intent as _treeline_v1_Intent, Intent__Output as _treeline_v1_Intent__Output } from '../../treeline/v1/Intent.ts';
import type { KeyRotations as _treeline_v1_KeyRotations, KeyRotations__Output as _treeline_v1_KeyRotations__Output } from '../../treeline/v1/KeyRotations.ts';

export interface SessionResponse {
  'welcome'?: (_treeline_v1_Welcome | null);
  'acknowledgement'?: (_treeline_v1_Acknowledgement | null);
  'heartbeat'?: (_treeline_v1_Heartbeat | null);
  'intent'?: (_treeline_v1_Intent | null);
  'keyRotations'?: (_treeline_v1_KeyRotations | null);
  'message'?: "welcome"|"acknowledgement"|"heartbeat"|"intent"|"keyRotations";
}

export interface SessionResponse__Output {
  'welcome'?: (_treeline_v1_Welcome__Output | null);
  'acknowledgement'?: (_treeline_v1_Acknowledgement__Output | null);
  'heartbeat'?: (_treeline_v1_Heartbeat__Output | null);
  'intent'?: (_treeline_v1_Intent__Output | null);
  'keyRotations'?: (_treeline_v1_KeyRotations__Output | null);
  'message'?: "welcome"|"acknowledgement"|"heartbeat"|"intent"|"keyRotations";
}
