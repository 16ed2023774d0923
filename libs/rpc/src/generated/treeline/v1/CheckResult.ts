// Original file: treeline/v1/common.proto


export interface CheckResult {
  'name'?: (string);
  'required'?: (boolean);
  'passed'?: (boolean);
  'output'?: (string);
}

export interface CheckResult__Output {
  'name': (string);
  'required': (boolean);
  'passed': (boolean);
  'output': (string);
}
