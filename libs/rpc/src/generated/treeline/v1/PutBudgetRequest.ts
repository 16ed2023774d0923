// Original file: treeline/v1/budget.proto

import type { Budget as _treeline_v1_Budget, Budget__Output as _treeline_v1_Budget__Output } from '../../treeline/v1/Budget.ts';

export interface PutBudgetRequest {
  'budget'?: (_treeline_v1_Budget | null);
  'reason'?: (string);
}

export interface PutBudgetRequest__Output {
  'budget': (_treeline_v1_Budget__Output | null);
  'reason': (string);
}
