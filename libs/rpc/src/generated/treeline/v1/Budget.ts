// Original file: treeline/v1/budget.proto

import type { BudgetInstance as _treeline_v1_BudgetInstance, BudgetInstance__Output as _treeline_v1_BudgetInstance__Output } from '../../treeline/v1/BudgetInstance.ts';
import type { Long } from '@grpc/proto-loader';

export interface Budget {
  'name'?: (string);
  'selector'?: (string);
  'per'?: (string);
  'maxUnavailable'?: (string);
  'minAvailable'?: (string);
  'createdAtMillis'?: (number | string | Long);
  'instances'?: (_treeline_v1_BudgetInstance)[];
  'instanceCount'?: (number);
  '_selector'?: "selector";
  '_per'?: "per";
  '_maxUnavailable'?: "maxUnavailable";
  '_minAvailable'?: "minAvailable";
}

export interface Budget__Output {
  'name': (string);
  'selector'?: (string);
  'per'?: (string);
  'maxUnavailable'?: (string);
  'minAvailable'?: (string);
  'createdAtMillis': (string);
  'instances': (_treeline_v1_BudgetInstance__Output)[];
  'instanceCount': (number);
  '_selector'?: "selector";
  '_per'?: "per";
  '_maxUnavailable'?: "maxUnavailable";
  '_minAvailable'?: "minAvailable";
}
