// Original file: treeline/v1/access_service.proto


export interface Binding {
  'name'?: (string);
  'role'?: (string);
  'scope'?: (string);
  'subjects'?: (string)[];
}

export interface Binding__Output {
  'name': (string);
  'role': (string);
  'scope': (string);
  'subjects': (string)[];
}
