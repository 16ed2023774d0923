// Original file: treeline/v1/access_service.proto

import type { RoleRule as _treeline_v1_RoleRule, RoleRule__Output as _treeline_v1_RoleRule__Output } from '../../treeline/v1/RoleRule.ts';

export interface Role {
  'name'?: (string);
  'rules'?: (_treeline_v1_RoleRule)[];
  'builtIn'?: (boolean);
}

export interface Role__Output {
  'name': (string);
  'rules': (_treeline_v1_RoleRule__Output)[];
  'builtIn': (boolean);
}
