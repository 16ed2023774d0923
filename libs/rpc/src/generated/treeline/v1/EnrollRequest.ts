// Original file: treeline/v1/enrollment.proto


export interface EnrollRequest {
  'secret'?: (string);
  'csrPem'?: (string);
  'hostname'?: (string);
  'machineId'?: (string);
}

export interface EnrollRequest__Output {
  'secret': (string);
  'csrPem': (string);
  'hostname': (string);
  'machineId': (string);
}
