// Original file: treeline/v1/agent.proto

import type { HealthState as _treeline_v1_HealthState, HealthState__Output as _treeline_v1_HealthState__Output } from '../../treeline/v1/HealthState.ts';
import type { CheckResult as _treeline_v1_CheckResult, CheckResult__Output as _treeline_v1_CheckResult__Output } from '../../treeline/v1/CheckResult.ts';

export interface Health {
  'state'?: (_treeline_v1_HealthState);
  'bootId'?: (string);
  'checks'?: (_treeline_v1_CheckResult)[];
}

export interface Health__Output {
  'state': (_treeline_v1_HealthState__Output);
  'bootId': (string);
  'checks': (_treeline_v1_CheckResult__Output)[];
}
