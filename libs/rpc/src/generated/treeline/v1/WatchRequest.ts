// Original file: treeline/v1/watch.proto


export interface WatchRequest {
  'rollout'?: (string);
}

export interface WatchRequest__Output {
  'rollout': (string);
}
