// Original file: treeline/v1/common.proto


export interface Target {
  'checksum'?: (string);
  'ref'?: (string);
  'version'?: (string);
}

export interface Target__Output {
  'checksum': (string);
  'ref': (string);
  'version': (string);
}
