// Original file: treeline/v1/watch.proto


export interface WatchRequest {
  'rollout'?: (string);
  'summary'?: (boolean);
}

export interface WatchRequest__Output {
  'rollout': (string);
  'summary': (boolean);
}
