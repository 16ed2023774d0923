// Original file: treeline/v1/rollout.proto


export interface NodeCounts {
  'waiting'?: (number);
  'moving'?: (number);
  'updated'?: (number);
  'failed'?: (number);
  'ended'?: (number);
}

export interface NodeCounts__Output {
  'waiting': (number);
  'moving': (number);
  'updated': (number);
  'failed': (number);
  'ended': (number);
}
