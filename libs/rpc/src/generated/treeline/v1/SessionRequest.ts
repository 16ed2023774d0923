// Original file: treeline/v1/agent.proto

import type { Hello as _treeline_v1_Hello, Hello__Output as _treeline_v1_Hello__Output } from '../../treeline/v1/Hello.ts';
import type { Observation as _treeline_v1_Observation, Observation__Output as _treeline_v1_Observation__Output } from '../../treeline/v1/Observation.ts';
import type { Heartbeat as _treeline_v1_Heartbeat, Heartbeat__Output as _treeline_v1_Heartbeat__Output } from '../../treeline/v1/Heartbeat.ts';
import type { Progress as _treeline_v1_Progress, Progress__Output as _treeline_v1_Progress__Output } from '../../treeline/v1/Progress.ts';

export interface SessionRequest {
  'hello'?: (_treeline_v1_Hello | null);
  'observation'?: (_treeline_v1_Observation | null);
  'heartbeat'?: (_treeline_v1_Heartbeat | null);
  'progress'?: (_treeline_v1_Progress | null);
  'message'?: "hello"|"observation"|"heartbeat"|"progress";
}

export interface SessionRequest__Output {
  'hello'?: (_treeline_v1_Hello__Output | null);
  'observation'?: (_treeline_v1_Observation__Output | null);
  'heartbeat'?: (_treeline_v1_Heartbeat__Output | null);
  'progress'?: (_treeline_v1_Progress__Output | null);
  'message'?: "hello"|"observation"|"heartbeat"|"progress";
}
