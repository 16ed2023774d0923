// Original file: treeline/v1/access_service.proto


export interface RemoveRoleRequest {
  'name'?: (string);
}

export interface RemoveRoleRequest__Output {
  'name': (string);
}
