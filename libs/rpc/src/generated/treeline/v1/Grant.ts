// Original file: treeline/v1/access_service.proto


export interface Grant {
  'role'?: (string);
  'scope'?: (string);
}

export interface Grant__Output {
  'role': (string);
  'scope': (string);
}
