// Original file: treeline/v1/release.proto


export interface MirrorReleaseRequest {
  'url'?: (string);
  'ref'?: (string);
  'checksum'?: (string);
  'version'?: (string);
  'unmanaged'?: (boolean);
}

export interface MirrorReleaseRequest__Output {
  'url': (string);
  'ref': (string);
  'checksum': (string);
  'version': (string);
  'unmanaged': (boolean);
}
