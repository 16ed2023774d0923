// Original file: treeline/v1/rollout.proto


export interface Wave {
  'count'?: (number);
  'percent'?: (number | string);
  'rest'?: (boolean);
  'size'?: "count"|"percent"|"rest";
}

export interface Wave__Output {
  'count'?: (number);
  'percent'?: (number);
  'rest'?: (boolean);
  'size'?: "count"|"percent"|"rest";
}
