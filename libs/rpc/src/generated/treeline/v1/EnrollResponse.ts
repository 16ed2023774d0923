// Original file: treeline/v1/enrollment.proto


export interface EnrollResponse {
  'nodeId'?: (string);
  'certificatePem'?: (string);
  'caPem'?: (string);
}

export interface EnrollResponse__Output {
  'nodeId': (string);
  'certificatePem': (string);
  'caPem': (string);
}
