// Original file: treeline/v1/release.proto


export interface GetReleaseRequest {
  'release'?: (string);
}

export interface GetReleaseRequest__Output {
  'release': (string);
}
