// Original file: treeline/v1/release.proto


export interface ListMissingObjectsRequest {
  'objects'?: (string)[];
}

export interface ListMissingObjectsRequest__Output {
  'objects': (string)[];
}
