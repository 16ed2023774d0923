// Original file: treeline/v1/rollout.proto

import type { FailureRate as _treeline_v1_FailureRate, FailureRate__Output as _treeline_v1_FailureRate__Output } from '../../treeline/v1/FailureRate.ts';

export interface Gate {
  'maxFailures'?: (number);
  'failureRate'?: (_treeline_v1_FailureRate | null);
  '_maxFailures'?: "maxFailures";
}

export interface Gate__Output {
  'maxFailures'?: (number);
  'failureRate': (_treeline_v1_FailureRate__Output | null);
  '_maxFailures'?: "maxFailures";
}
