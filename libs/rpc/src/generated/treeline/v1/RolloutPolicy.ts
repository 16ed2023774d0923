// Original file: treeline/v1/rollout.proto

import type { Wave as _treeline_v1_Wave, Wave__Output as _treeline_v1_Wave__Output } from '../../treeline/v1/Wave.ts';

export interface RolloutPolicy {
  'release'?: (string);
  'selector'?: (string);
  'waves'?: (_treeline_v1_Wave)[];
  'maxUnavailable'?: (string);
  'nodeSoakMillis'?: (number);
  'retries'?: (number);
  '_retries'?: "retries";
}

export interface RolloutPolicy__Output {
  'release': (string);
  'selector': (string);
  'waves': (_treeline_v1_Wave__Output)[];
  'maxUnavailable': (string);
  'nodeSoakMillis': (number);
  'retries'?: (number);
  '_retries'?: "retries";
}
