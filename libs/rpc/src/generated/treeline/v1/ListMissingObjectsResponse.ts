// Original file: treeline/v1/release.proto


export interface ListMissingObjectsResponse {
  'missing'?: (string)[];
}

export interface ListMissingObjectsResponse__Output {
  'missing': (string)[];
}
