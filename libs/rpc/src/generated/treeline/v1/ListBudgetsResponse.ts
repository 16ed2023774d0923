// Original file: treeline/v1/budget.proto

import type { Budget as _treeline_v1_Budget, Budget__Output as _treeline_v1_Budget__Output } from '../../treeline/v1/Budget.ts';

export interface ListBudgetsResponse {
  'budgets'?: (_treeline_v1_Budget)[];
}

export interface ListBudgetsResponse__Output {
  'budgets': (_treeline_v1_Budget__Output)[];
}
