// Original file: treeline/v1/rollout.proto


export interface ListRolloutsRequest {
  'pageSize'?: (number);
  'pageToken'?: (string);
}

export interface ListRolloutsRequest__Output {
  'pageSize': (number);
  'pageToken': (string);
}
