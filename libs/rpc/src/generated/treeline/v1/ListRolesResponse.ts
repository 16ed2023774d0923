// Original file: treeline/v1/access_service.proto

import type { Role as _treeline_v1_Role, Role__Output as _treeline_v1_Role__Output } from '../../treeline/v1/Role.ts';

export interface ListRolesResponse {
  'roles'?: (_treeline_v1_Role)[];
}

export interface ListRolesResponse__Output {
  'roles': (_treeline_v1_Role__Output)[];
}
