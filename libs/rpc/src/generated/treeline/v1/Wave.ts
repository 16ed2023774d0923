// Original file: treeline/v1/rollout.proto

import type { Gate as _treeline_v1_Gate, Gate__Output as _treeline_v1_Gate__Output } from '../../treeline/v1/Gate.ts';

export interface Wave {
  'count'?: (number);
  'percent'?: (number | string);
  'rest'?: (boolean);
  'name'?: (string);
  'selector'?: (string);
  'bakeMillis'?: (number);
  'approval'?: (boolean);
  'gate'?: (_treeline_v1_Gate | null);
  'size'?: "count"|"percent"|"rest";
  '_name'?: "name";
  '_selector'?: "selector";
  '_bakeMillis'?: "bakeMillis";
}

export interface Wave__Output {
  'count'?: (number);
  'percent'?: (number);
  'rest'?: (boolean);
  'name'?: (string);
  'selector'?: (string);
  'bakeMillis'?: (number);
  'approval': (boolean);
  'gate': (_treeline_v1_Gate__Output | null);
  'size'?: "count"|"percent"|"rest";
  '_name'?: "name";
  '_selector'?: "selector";
  '_bakeMillis'?: "bakeMillis";
}
