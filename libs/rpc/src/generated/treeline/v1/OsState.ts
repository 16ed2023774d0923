// Original file: treeline/v1/agent.proto

import type { Deployment as _treeline_v1_Deployment, Deployment__Output as _treeline_v1_Deployment__Output } from '../../treeline/v1/Deployment.ts';

export interface OsState {
  'bootId'?: (string);
  'deployments'?: (_treeline_v1_Deployment)[];
}

export interface OsState__Output {
  'bootId': (string);
  'deployments': (_treeline_v1_Deployment__Output)[];
}
