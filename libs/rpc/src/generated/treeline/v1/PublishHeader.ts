// Original file: treeline/v1/release.proto


export interface PublishHeader {
  'ref'?: (string);
  'version'?: (string);
  'checksum'?: (string);
  'unmanaged'?: (boolean);
}

export interface PublishHeader__Output {
  'ref': (string);
  'version': (string);
  'checksum': (string);
  'unmanaged': (boolean);
}
