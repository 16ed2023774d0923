// Original file: treeline/v1/access_service.proto


export interface RemoveBindingRequest {
  'name'?: (string);
}

export interface RemoveBindingRequest__Output {
  'name': (string);
}
