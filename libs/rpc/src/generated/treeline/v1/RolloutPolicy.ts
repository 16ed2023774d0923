// Original file: treeline/v1/rollout.proto

import type { Wave as _treeline_v1_Wave, Wave__Output as _treeline_v1_Wave__Output } from '../../treeline/v1/Wave.ts';
import type { OwnBudget as _treeline_v1_OwnBudget, OwnBudget__Output as _treeline_v1_OwnBudget__Output } from '../../treeline/v1/OwnBudget.ts';
import type { Gate as _treeline_v1_Gate, Gate__Output as _treeline_v1_Gate__Output } from '../../treeline/v1/Gate.ts';
import type { Timeouts as _treeline_v1_Timeouts, Timeouts__Output as _treeline_v1_Timeouts__Output } from '../../treeline/v1/Timeouts.ts';
import type { Staging as _treeline_v1_Staging, Staging__Output as _treeline_v1_Staging__Output } from '../../treeline/v1/Staging.ts';

export interface RolloutPolicy {
  'release'?: (string);
  'selector'?: (string);
  'waves'?: (_treeline_v1_Wave)[];
  'maxUnavailable'?: (string);
  'nodeSoakMillis'?: (number);
  'retries'?: (number);
  'channel'?: (string);
  'nodes'?: (string)[];
  'excludeSelector'?: (string);
  'excludeNodes'?: (string)[];
  'priority'?: (number);
  'cure'?: (boolean);
  'budgets'?: (_treeline_v1_OwnBudget)[];
  'gate'?: (_treeline_v1_Gate | null);
  'onFailure'?: (string);
  'timeouts'?: (_treeline_v1_Timeouts | null);
  'retryBackoffMillis'?: (number);
  'retryMaxBackoffMillis'?: (number);
  'staging'?: (_treeline_v1_Staging | null);
  '_release'?: "release";
  '_selector'?: "selector";
  '_retries'?: "retries";
  '_channel'?: "channel";
  '_excludeSelector'?: "excludeSelector";
  '_priority'?: "priority";
  '_onFailure'?: "onFailure";
  '_retryBackoffMillis'?: "retryBackoffMillis";
  '_retryMaxBackoffMillis'?: "retryMaxBackoffMillis";
}

export interface RolloutPolicy__Output {
  'release'?: (string);
  'selector'?: (string);
  'waves': (_treeline_v1_Wave__Output)[];
  'maxUnavailable': (string);
  'nodeSoakMillis': (number);
  'retries'?: (number);
  'channel'?: (string);
  'nodes': (string)[];
  'excludeSelector'?: (string);
  'excludeNodes': (string)[];
  'priority'?: (number);
  'cure': (boolean);
  'budgets': (_treeline_v1_OwnBudget__Output)[];
  'gate': (_treeline_v1_Gate__Output | null);
  'onFailure'?: (string);
  'timeouts': (_treeline_v1_Timeouts__Output | null);
  'retryBackoffMillis'?: (number);
  'retryMaxBackoffMillis'?: (number);
  'staging': (_treeline_v1_Staging__Output | null);
  '_release'?: "release";
  '_selector'?: "selector";
  '_retries'?: "retries";
  '_channel'?: "channel";
  '_excludeSelector'?: "excludeSelector";
  '_priority'?: "priority";
  '_onFailure'?: "onFailure";
  '_retryBackoffMillis'?: "retryBackoffMillis";
  '_retryMaxBackoffMillis'?: "retryMaxBackoffMillis";
}
