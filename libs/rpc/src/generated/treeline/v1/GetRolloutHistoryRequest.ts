// Original file: treeline/v1/rollout.proto


export interface GetRolloutHistoryRequest {
  'name'?: (string);
  'pageSize'?: (number);
  'pageToken'?: (string);
}

export interface GetRolloutHistoryRequest__Output {
  'name': (string);
  'pageSize': (number);
  'pageToken': (string);
}
