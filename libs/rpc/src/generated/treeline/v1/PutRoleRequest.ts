// Original file: treeline/v1/access_service.proto

import type { RoleRule as _treeline_v1_RoleRule, RoleRule__Output as _treeline_v1_RoleRule__Output } from '../../treeline/v1/RoleRule.ts';

export interface PutRoleRequest {
  'name'?: (string);
  'rules'?: (_treeline_v1_RoleRule)[];
}

export interface PutRoleRequest__Output {
  'name': (string);
  'rules': (_treeline_v1_RoleRule__Output)[];
}
